#include "fs/virtual.h"

#include "fs/searches.h"
#include "fs/snapshots.h"
#include "store/nodes.h"
#include "sync/orders.h"
#include "sync/sync.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "util/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char readme[] =
    "This is a Trello account, mounted by trellofs.\n"
    "\n"
    "  Board/List/Card.md   a card: front matter, description, checklists,\n"
    "                       attachments, comments\n"
    "  ls -U                Trello's own order\n"
    "  grep -r WORD .       searches everything, from the kernel's cache\n"
    "  getfattr -d Card.md  ids, addresses and dates\n"
    "\n"
    "To change things:\n"
    "\n"
    "  edit Card.md         title, labels, dates, description, checklists\n"
    "  echo text >> Card.md comments\n"
    "  echo text > New.md   a new card; cp A.md B.md too\n"
    "  mv A.md B.md         another title; mv A.md ../List: another list\n"
    "  rm A.md              archives it; nothing is deleted\n"
    "  mkdir, mv, rmdir     new, renamed, archived lists and boards\n"
    "  $EDITOR .order       the cards of a list, or the lists of a board, in\n"
    "                       their order; ls does not show it: move its lines\n"
    "  $EDITOR .board.md    the description and the labels of a board\n"
    "  ls Card.files        what is uploaded to the card, by its name only\n"
    "  cp FILE Card.files   uploads it\n"
    "  ls .archive          archived cards and lists of a board, at the root\n"
    "                       closed boards: mv there archives, mv out restores\n"
    "\n"
    "What is left out of a text removes something only if the text keeps its\n"
    "url, its rev and the last heading, so half a text does no harm. A text\n"
    "that is wrong, or that Trello does not accept, stays in the file; beside\n"
    "it Card.md.error says what, why, and what to do. Save a better one, or\n"
    "remove Card.md.error to get Trello's text back.\n"
    "\n"
    "Any other file (notes, swap files, hidden folders) is kept on this\n"
    "machine, in the state database, and is never sent.\n"
    "\n"
    "  cat .trellofs/status    the account, the network, what is wrong\n"
    "  cat .trellofs/pending   changes that Trello has not accepted yet\n"
    "  cat .trellofs/problems  what could not be done, and why\n"
    "  cat .trellofs/requests  the last requests to Trello\n"
    "  tail -f .trellofs/events   what others change, in lines of JSON\n"
    "  ls '.trellofs/search/@me due:week -label:done'   links to the cards\n"
    "                          that match, as Trello's own search would\n"
    "  echo > .trellofs/control/sync     waits until all of it is sent\n"
    "  echo > .trellofs/control/refresh  asks for news\n"
    "  echo > .trellofs/control/retry    tries again what was refused\n"
    "  echo > .trellofs/control/confirm  sends what is held, discard takes it\n"
    "                                    back\n"
    "  echo 7 > .trellofs/control/cancel takes back the change with number 7\n"
    "\n"
    "See trellofs(1), trellofs-card(5) and trellofs-fs(7).\n";

static int
make_readme(struct sync *sync, struct buf *out)
{
	(void)sync;
	return buf_add_str(out, readme);
}

/* In the order of their inode numbers; folders before what is in them. */
static const struct kind {
	const char *name;
	uint64_t folder; /* the number of the folder that it is in */
	int (*make)(struct sync *sync, struct buf *out); /* files to read */
	enum order_kind order; /* files to write to, in control */
	bool grows;	       /* what was read of it stays */
} kinds[] = {
    {VIRTUAL_DIR_NAME, NODE_ROOT, NULL, ORDER_KINDS, false},
    {"README", VIRTUAL_DIR_INO, make_readme, ORDER_KINDS, true},
    {"control", VIRTUAL_DIR_INO, NULL, ORDER_KINDS, false},
    {"events", VIRTUAL_DIR_INO, sync_events_text, ORDER_KINDS, true},
    {"pending", VIRTUAL_DIR_INO, sync_pending_text, ORDER_KINDS, false},
    {"problems", VIRTUAL_DIR_INO, sync_problems_text, ORDER_KINDS, false},
    {"requests", VIRTUAL_DIR_INO, sync_requests_text, ORDER_KINDS, false},
    {"search", VIRTUAL_DIR_INO, NULL, ORDER_KINDS, false},
    {"status", VIRTUAL_DIR_INO, sync_status_text, ORDER_KINDS, false},
    {"cancel", VIRTUAL_CONTROL_INO, NULL, ORDER_CANCEL, false},
    {"confirm", VIRTUAL_CONTROL_INO, NULL, ORDER_CONFIRM, false},
    {"discard", VIRTUAL_CONTROL_INO, NULL, ORDER_DISCARD, false},
    {"refresh", VIRTUAL_CONTROL_INO, NULL, ORDER_REFRESH, false},
    {"retry", VIRTUAL_CONTROL_INO, NULL, ORDER_RETRY, false},
    {"sync", VIRTUAL_CONTROL_INO, NULL, ORDER_SYNC, false},
};
#define N_KINDS (sizeof kinds / sizeof kinds[0])
_Static_assert(N_KINDS <= SNAPSHOT_KINDS, "each file has its snapshots");

struct virtual_file {
	struct buf text;
	int64_t mtime_ns;
};

struct virtual_files {
	pthread_mutex_t lock;
	struct sync *sync;
	struct searches *searches;
	struct snapshots *snapshots;
	struct buf search_error; /* below lock, like the texts */
	int64_t born_ns;
	struct virtual_file files[N_KINDS];
};

static size_t
number_of(uint64_t ino)
{
	return snapshot_has(ino) ? snapshot_kind(ino) : ino - VIRTUAL_DIR_INO;
}

static const struct kind *
kind_of(uint64_t ino)
{
	return &kinds[number_of(ino)];
}

int
virtual_new(struct store *store, struct virtual_files **ret_files)
{
	struct virtual_files *files = calloc(1, sizeof *files);
	int r = files != NULL ? searches_new(store, &files->searches) : -ENOMEM;

	if (r == 0)
		r = snapshots_new(&files->snapshots);
	if (r != 0) {
		if (files != NULL)
			searches_free(files->searches);
		free(files);
		return r;
	}
	(void)pthread_mutex_init(&files->lock, NULL);
	files->born_ns = time_wall_ns();
	*ret_files = files;
	return 0;
}

void
virtual_free(struct virtual_files *files)
{
	if (files == NULL)
		return;
	for (size_t i = 0; i < N_KINDS; i++)
		buf_free(&files->files[i].text);
	buf_free(&files->search_error);
	searches_free(files->searches);
	snapshots_free(files->snapshots);
	(void)pthread_mutex_destroy(&files->lock);
	free(files);
}

void
virtual_set_sync(struct virtual_files *files, struct sync *sync)
{
	files->sync = sync;
}

bool
virtual_has(uint64_t ino)
{
	return (ino >= VIRTUAL_DIR_INO && ino < VIRTUAL_DIR_INO + N_KINDS) ||
	       snapshot_has(ino) || search_has(ino);
}

bool
virtual_is_dir(uint64_t ino)
{
	return ino == VIRTUAL_DIR_INO || ino == VIRTUAL_CONTROL_INO ||
	       ino == VIRTUAL_SEARCH_INO ||
	       (search_has(ino) && !search_is_link(ino));
}

bool
virtual_is_link(uint64_t ino)
{
	return search_is_link(ino);
}

enum order_kind
virtual_order(uint64_t ino)
{
	return search_has(ino) ? ORDER_KINDS : kind_of(ino)->order;
}

uint64_t
virtual_parent(uint64_t ino)
{
	return search_has(ino) ? VIRTUAL_SEARCH_INO : kind_of(ino)->folder;
}

/* Why the last query was none is told in two places. */
static void
tell_error(struct virtual_files *files, const char *query, const char *why)
{
	char line[2 * ERR_TEXT_MAX] = "";

	if (why != NULL) {
		(void)snprintf(line, sizeof line, "%s: %s", query, why);
		utf8_make_printable(line);
	}
	(void)pthread_mutex_lock(&files->lock);
	buf_clear(&files->search_error);
	(void)buf_add_str(&files->search_error, line);
	(void)pthread_mutex_unlock(&files->lock);
	sync_set_search_error(files->sync, line);
}

static int
open_query(struct virtual_files *files, const char *query, uint64_t *ret_ino)
{
	struct err err = {0};
	int r = searches_open(files->searches, query, ret_ino, &err);

	if (r == 0)
		tell_error(files, query, NULL);
	else if (err.code != 0)
		tell_error(files, query, err.text);
	return r;
}

/* A file's number, or that of its text as it is now. */
static int
open_file(struct virtual_files *files, size_t kind, uint64_t *ret_ino)
{
	struct buf text = BUF_INIT;
	int r;

	*ret_ino = VIRTUAL_DIR_INO + kind;
	if (kinds[kind].make == NULL || kinds[kind].grows)
		return 0;
	r = kinds[kind].make(files->sync, &text);
	if (r == 0)
		r = snapshots_open(files->snapshots, kind, &text, ret_ino);
	buf_free(&text);
	return r;
}

void
virtual_forget(struct virtual_files *files, uint64_t ino, uint64_t n)
{
	if (snapshot_has(ino))
		snapshots_forget(files->snapshots, ino, n);
}

int
virtual_lookup(struct virtual_files *files, uint64_t folder, const char *name,
    uint64_t *ret_ino)
{
	if (folder == VIRTUAL_SEARCH_INO)
		return open_query(files, name, ret_ino);
	if (search_has(folder))
		return searches_find(files->searches, folder, name, ret_ino);
	for (size_t i = 0; i < N_KINDS; i++)
		if (kinds[i].folder == folder &&
		    strcmp(kinds[i].name, name) == 0)
			return open_file(files, i, ret_ino);
	return -ENOENT;
}

int
virtual_each(struct virtual_files *files, uint64_t folder, off_t off,
    virtual_fn *fn, void *cookie)
{
	int r = 0;

	if (folder == VIRTUAL_SEARCH_INO)
		return searches_each(files->searches, off, fn, cookie);
	if (search_has(folder))
		return searches_each_link(
		    files->searches, folder, off, fn, cookie);
	for (size_t i = (size_t)off; i < N_KINDS && r == 0; i++)
		if (kinds[i].folder == folder)
			r = fn(cookie, kinds[i].name, VIRTUAL_DIR_INO + i,
			    (off_t)i + 1);
	return r;
}

int
virtual_target(struct virtual_files *files, uint64_t ino, struct buf *out)
{
	return searches_target(files->searches, ino, out);
}

int
virtual_error(struct virtual_files *files, uint64_t ino, struct buf *out)
{
	int r = -ENODATA;

	(void)pthread_mutex_lock(&files->lock);
	if (ino == VIRTUAL_SEARCH_INO && files->search_error.len > 0)
		r = buf_add_str(out, buf_str(&files->search_error));
	(void)pthread_mutex_unlock(&files->lock);
	return r;
}

/* Take the new text if it is another one; its time always moves forward. */
static void
take_text(struct virtual_file *file, struct buf *text)
{
	int64_t now = time_wall_ns();
	struct buf old = file->text;

	if (file->mtime_ns != 0 && old.len == text->len &&
	    memcmp(buf_str(&old), buf_str(text), text->len) == 0)
		return;
	file->text = *text;
	*text = old;
	file->mtime_ns = now > file->mtime_ns ? now : file->mtime_ns + 1;
}

static void
set_times(struct stat *st, int64_t ns)
{
	st->st_mtim.tv_sec = (time_t)(ns / 1000000000);
	st->st_mtim.tv_nsec = (long)(ns % 1000000000);
	st->st_ctim = st->st_atim = st->st_mtim;
}

static void
take_stat(struct virtual_files *files, uint64_t ino, struct buf *text,
    struct stat *ret_stat)
{
	struct virtual_file *file = &files->files[ino - VIRTUAL_DIR_INO];

	(void)pthread_mutex_lock(&files->lock);
	take_text(file, text);
	ret_stat->st_mode = S_IFREG | 0400;
	ret_stat->st_size = (off_t)file->text.len;
	ret_stat->st_blocks = (ret_stat->st_size + 511) / 512;
	set_times(ret_stat, file->mtime_ns);
	(void)pthread_mutex_unlock(&files->lock);
}

static int
stat_snapshot(struct virtual_files *files, uint64_t ino, struct stat *ret_stat)
{
	int64_t mtime_ns = 0;
	int r = snapshots_stat(
	    files->snapshots, ino, &ret_stat->st_size, &mtime_ns);

	if (r == 1) {
		struct buf text = BUF_INIT;

		r = kind_of(ino)->make(files->sync, &text);
		if (r == 0)
			snapshots_renew(files->snapshots, ino, &text);
		buf_free(&text);
		if (r == 0)
			r = snapshots_stat(files->snapshots, ino,
			    &ret_stat->st_size, &mtime_ns);
	}
	ret_stat->st_mode = S_IFREG | 0400;
	ret_stat->st_blocks = (ret_stat->st_size + 511) / 512;
	set_times(ret_stat, mtime_ns);
	return r;
}

int
virtual_stat(struct virtual_files *files, uint64_t ino, struct stat *ret_stat)
{
	const struct kind *kind;
	struct buf text = BUF_INIT;
	int r = 0;

	if (search_has(ino))
		return searches_stat(files->searches, ino, ret_stat);
	kind = kind_of(ino);
	*ret_stat = (struct stat){
	    .st_ino = VIRTUAL_DIR_INO + number_of(ino), .st_nlink = 1};
	if (snapshot_has(ino))
		return stat_snapshot(files, ino, ret_stat);
	ret_stat->st_mode =
	    virtual_is_dir(ino) ? S_IFDIR | 0700 : S_IFREG | 0200;
	set_times(ret_stat, ino == VIRTUAL_SEARCH_INO
				? searches_mtime_ns(files->searches)
				: files->born_ns);
	if (kind->make != NULL) {
		r = kind->make(files->sync, &text);
		if (r == 0)
			take_stat(files, ino, &text, ret_stat);
	}
	buf_free(&text);
	return r;
}

int
virtual_read(struct virtual_files *files, uint64_t ino, off_t offset,
    void *data, size_t len, size_t *ret_len)
{
	struct virtual_file *file;

	if (virtual_is_dir(ino) || virtual_is_link(ino))
		return virtual_is_link(ino) ? -EINVAL : -EISDIR;
	if (snapshot_has(ino))
		return snapshots_read(
		    files->snapshots, ino, offset, data, len, ret_len);
	file = &files->files[ino - VIRTUAL_DIR_INO];
	(void)pthread_mutex_lock(&files->lock);
	*ret_len = buf_copy(&file->text, (size_t)offset, data, len);
	(void)pthread_mutex_unlock(&files->lock);
	return 0;
}
