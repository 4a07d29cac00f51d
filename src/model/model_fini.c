#include "model/model_fini.h"

#include "model/model.h"

#define MODEL_FINI(type)                      \
	void model_fini_##type(void *element) \
	{                                     \
		type##_fini(element);         \
	}

MODEL_FINI(attachment)
MODEL_FINI(batch_item)
MODEL_FINI(board)
MODEL_FINI(card)
MODEL_FINI(check_item)
MODEL_FINI(checklist)
MODEL_FINI(comment)
MODEL_FINI(desc_change)
MODEL_FINI(field)
MODEL_FINI(field_option)
MODEL_FINI(field_value)
MODEL_FINI(label)
MODEL_FINI(list)
MODEL_FINI(member)
