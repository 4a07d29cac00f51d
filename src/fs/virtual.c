#include "fs/virtual.h"

#include "sync/sync.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <pthread.h>
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
    "This version reads: boards, lists and cards cannot be changed here.\n"
    "Any other file (notes, swap files, hidden folders) is kept on this\n"
    "machine, in the state database, and is never sent.\n"
    "\n"
    "  cat .trellofs/status    the account, the network, what is wrong\n"
    "  cat .trellofs/requests  the last requests to Trello\n"
    "\n"
    "See trellofs(1) and trellofs-card(5).\n";

static int
make_readme(struct sync *sync, struct buf *out)
{
	(void)sync;
	return buf_add_str(out, readme);
}

static const struct {
	const char *name;
	int (*make)(struct sync *sync, struct buf *out);
} kinds[] = {
    {"README", make_readme},
    {"requests", sync_requests_text},
    {"status", sync_status_text},
};
#define N_KINDS (sizeof kinds / sizeof kinds[0])
#define FIRST_FILE_INO (VIRTUAL_DIR_INO + 1)

struct virtual_file {
	struct buf text;
	int64_t mtime_ns;
};

struct virtual_files {
	pthread_mutex_t lock;
	struct sync *sync;
	int64_t born_ns;
	struct virtual_file files[N_KINDS];
};

int
virtual_new(struct virtual_files **ret_files)
{
	struct virtual_files *files = calloc(1, sizeof *files);

	if (files == NULL)
		return -ENOMEM;
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
	return ino >= VIRTUAL_DIR_INO && ino < FIRST_FILE_INO + N_KINDS;
}

uint64_t
virtual_lookup(const char *name)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return FIRST_FILE_INO + i;
	return 0;
}

const char *
virtual_name(size_t i, uint64_t *ret_ino)
{
	if (i >= N_KINDS)
		return NULL;
	*ret_ino = FIRST_FILE_INO + i;
	return kinds[i].name;
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

int
virtual_stat(struct virtual_files *files, uint64_t ino, struct stat *ret_stat)
{
	struct buf text = BUF_INIT;
	struct virtual_file *file;
	int r;

	*ret_stat = (struct stat){.st_ino = ino, .st_nlink = 1};
	if (ino == VIRTUAL_DIR_INO) {
		ret_stat->st_mode = S_IFDIR | 0700;
		set_times(ret_stat, files->born_ns);
		return 0;
	}
	r = kinds[ino - FIRST_FILE_INO].make(files->sync, &text);
	if (r == 0) {
		file = &files->files[ino - FIRST_FILE_INO];
		(void)pthread_mutex_lock(&files->lock);
		take_text(file, &text);
		ret_stat->st_mode = S_IFREG | 0400;
		ret_stat->st_size = (off_t)file->text.len;
		ret_stat->st_blocks = (ret_stat->st_size + 511) / 512;
		set_times(ret_stat, file->mtime_ns);
		(void)pthread_mutex_unlock(&files->lock);
	}
	buf_free(&text);
	return r;
}

int
virtual_read(struct virtual_files *files, uint64_t ino, off_t offset,
    void *data, size_t len, size_t *ret_len)
{
	struct virtual_file *file = &files->files[ino - FIRST_FILE_INO];

	if (ino == VIRTUAL_DIR_INO)
		return -EISDIR;
	(void)pthread_mutex_lock(&files->lock);
	if (offset >= (off_t)file->text.len)
		len = 0;
	else if (len > file->text.len - (size_t)offset)
		len = file->text.len - (size_t)offset;
	if (len > 0)
		memcpy(data, file->text.data + offset, len);
	(void)pthread_mutex_unlock(&files->lock);
	*ret_len = len;
	return 0;
}
