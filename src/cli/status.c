#include "cli/status.h"

#include "cli/account.h"
#include "cli/paths.h"
#include "cli/settings.h"
#include "model/model.h"
#include "store/peek.h"
#include "sync/rights.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MAX (1 << 20)

static int
open_status(const char *mountpoint, struct err *err)
{
	struct buf path = BUF_INIT;
	int fd, res;

	buf_printf(&path, "%s/.trellofs/status", mountpoint);
	if (path.err < 0) {
		buf_free(&path);
		return err_set(err, -ENOMEM, "out of memory");
	}
	fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	res = fd < 0 ? -errno : fd;
	buf_free(&path);
	if (res == -ENOENT || res == -ENOTDIR)
		return err_set(
		    err, -ENOENT, "%.300s is no mount of trellofs", mountpoint);
	if (res == -ENOTCONN)
		return err_set(err, res,
		    "the program behind %.150s has ended; clean up with: "
		    "fusermount3 -u %.150s",
		    mountpoint, mountpoint);
	if (res < 0)
		return err_set(
		    err, res, "%.300s: %s", mountpoint, strerror(-res));
	return fd;
}

int
status_print(const char *mountpoint, FILE *out, struct err *err)
{
	int fd = open_status(mountpoint, err);
	size_t total = 0;
	char block[4096];
	ssize_t n;
	int res = 0;

	if (fd < 0)
		return fd;
	while (res == 0 && total < STATUS_MAX) {
		n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			res = err_set(err, -errno, "%.300s: %s", mountpoint,
			    strerror(errno));
		if (n <= 0)
			break;
		total += (size_t)n;
		if (fwrite(block, 1, (size_t)n, out) != (size_t)n)
			res = err_set(
			    err, -EIO, "cannot write: %s", strerror(errno));
	}
	close(fd);
	if (res == 0 && fflush(out) != 0)
		res = err_set(err, -EIO, "cannot write: %s", strerror(errno));
	return res;
}

/* What the database of the profile knows; all empty if there is none. */
static void
peek_at(const struct settings *settings, struct store_peek *ret_peek)
{
	char *path = NULL;

	memset(ret_peek, 0, sizeof *ret_peek);
	if (paths_state_name(settings->profile, &path, NULL) != 0)
		return;
	if (store_peek(path, ret_peek, NULL) != 0)
		memset(ret_peek, 0, sizeof *ret_peek);
	free(path);
}

int
status_account(const struct settings *settings, FILE *out, struct err *err)
{
	struct account_info info;
	struct store_peek peek;
	const struct account_known known = {peek.member, peek.username};
	struct buf rights = BUF_INIT;
	int res;

	peek_at(settings, &peek);
	res = account_ask(settings,
	    strcmp(peek.api_url, settings->api_url) == 0 ? &known : NULL, NULL,
	    &info, err);
	if (res < 0)
		return res;
	(void)rights_text(!info.token.board_write, info.token.expires_ms,
	    time_wall_ms(), &rights);
	(void)fprintf(out,
	    "account: @%s\nprofile: %s\napi: %s\nrights: %s\n"
	    "mounted: no\npending: %lld\n",
	    model_str(info.member.username), settings->profile,
	    settings->api_url, buf_str(&rights), (long long)peek.waiting);
	buf_free(&rights);
	account_info_fini(&info);
	if (fflush(out) != 0)
		return err_set(err, -EIO, "cannot write: %s", strerror(errno));
	return 0;
}
