#include "cli/session.h"

#include "cli/credentials.h"
#include "cli/paths.h"
#include "util/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the account is, whoever said so. */
static int
copy_address(struct session *session, struct err *err)
{
	const struct settings *settings = session->settings;
	int r = settings_set(&session->file, KEY_API_URL, settings->api_url,
	    ORIGIN_ENVIRONMENT, err);

	if (r == 0 && settings->ca_file != NULL)
		r = settings_set(&session->file, KEY_CA_FILE, settings->ca_file,
		    ORIGIN_ENVIRONMENT, err);
	return r;
}

int
session_open(
    struct session *session, struct settings *settings, struct err *err)
{
	int r;

	memset(session, 0, sizeof *session);
	session->settings = settings;
	if (settings_init(&session->file) != 0)
		return err_set(err, -ENOMEM, "out of memory");
	r = credentials_hide(err);
	if (r == 0)
		r = credentials_environment(settings, err);
	if (r == 0)
		r = paths_config(&session->path, err);
	if (r == 0)
		r = settings_set(&session->file, KEY_PROFILE, settings->profile,
		    ORIGIN_COMMAND_LINE, err);
	if (r == 0)
		r = config_read(
		    &session->file, session->path, &session->found, err);
	if (r == 0)
		r = config_read(settings, session->path, &session->found, err);
	return r == 0 ? copy_address(session, err) : r;
}

void
session_close(struct session *session)
{
	settings_fini(&session->file);
	free(session->path);
	session->path = NULL;
}

bool
session_has(const struct session *session, enum settings_key key)
{
	return session->file.origin[key] == ORIGIN_FILE_PROFILE;
}
