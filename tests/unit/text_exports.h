#ifndef TEXT_EXPORTS_H
#define TEXT_EXPORTS_H

/* Reads the sample exports, which lie beside the source tree. */

#include "model/model.h"
#include "model/model_json.h"
#include "util/buf.h"
#include "json/json_reader.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const text_exports[] = {"clipkit-ja", "fda-food-recalls",
    "mclang-json-parse", "mclang-nc-import", "nebula-ux", "tekken-2025",
    "zed-testing-2013"};

#define TEXT_EXPORTS (sizeof text_exports / sizeof *text_exports)

/* Load one of them; -1 where it is missing. */
static int
text_export_load(const char *name, struct board *board)
{
	struct buf path = BUF_INIT;
	struct json_reader *reader;
	const char *shared = getenv("TRELLOFS_SHARED");
	const char *srcdir = getenv("srcdir");
	char chunk[4096];
	FILE *file;
	size_t n;
	int err = 0;

	if (shared != NULL)
		(void)buf_printf(&path, "%s", shared);
	else
		(void)buf_printf(
		    &path, "%s/../shared", srcdir != NULL ? srcdir : ".");
	(void)buf_printf(&path, "/data/exports/%s.json", name);
	file = fopen(buf_str(&path), "r");
	buf_free(&path);
	if (file == NULL)
		return -1;
	board_init(board);
	reader = board_reader_new(board);
	while (err == 0 && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
		err = json_reader_feed(reader, chunk, n, NULL);
	if (err == 0)
		err = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	(void)fclose(file);
	if (err == 0)
		err = board_gather(board);
	assert_int_equal(err, 0);
	return 0;
}

#endif
