#include "sync/push_request.h"

#include "store/spool.h"
#include "text/card_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How quotes and backslashes in the head of a part are to be written is read in
 * many ways: there are none in it, and what it is called is said besides. */
static char *
name_in_head(const char *name)
{
	char *copy = strdup(name);

	for (char *s = copy; s != NULL && *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f || *s == '"' ||
		    *s == '\\')
			*s = '_';
	return copy;
}

int
push_request_file(struct tx *tx, const struct card_change *change,
    struct push_request *request)
{
	struct spool spool;
	int r = spool_by_id(tx, change->id, &spool);

	if (r == 0)
		r = spool_open_by(tx, spool.ino, &request->file.fd);
	if (r != 0)
		return r == -ENOENT ? -EINVAL : r;
	request->has_file = true;
	request->file.bytes = change->new_bytes;
	request->file.name = name_in_head(model_str(change->new_text));
	return request->file.name != NULL ? 0 : -ENOMEM;
}

void
push_request_file_fini(struct push_request *request)
{
	if (!request->has_file)
		return;
	(void)close(request->file.fd);
	free((char *)request->file.name);
	request->has_file = false;
}
