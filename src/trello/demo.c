#include "trello/demo.h"

#include "trello/demo_json.h"
#include "trello/local.h"

int
demo_add(struct remote *remote, struct err *err)
{
	return local_remote_add_json(remote, "the sample board", demo_json,
	    (size_t)(demo_json_end - demo_json), err);
}
