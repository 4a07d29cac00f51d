#include "model/model_json.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/utf8.h"
#include "json/json_reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whatever bytes come for a board: the same comes of them however they are
 * cut, and what was read settles once, is written, and reads back as it was.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Feed in pieces of `step` bytes; what the reader said in the end. */
static int
read_board(const void *data, size_t size, size_t step, struct board *board)
{
	struct json_reader *reader = board_reader_new(board);
	const char *p = data;
	struct err err = {0};
	int rc = 0;

	require(reader != NULL);
	for (size_t n; size > 0 && rc == 0; p += n, size -= n) {
		n = size < step ? size : step;
		rc = json_reader_feed(reader, p, n, &err);
	}
	if (rc == 0)
		rc = json_reader_finish(reader, &err);
	json_reader_free(reader);
	require(rc == err.code);
	require((rc == 0) == (err.text[0] == '\0'));
	require(utf8_valid(err.text, strlen(err.text)));
	return rc;
}

static void
write_board(const struct board *board, struct buf *out)
{
	buf_clear(out);
	require(board_write(board, out) == 0);
	require(utf8_valid(out->data, out->len));
}

static void
check_cuts(const uint8_t *data, size_t size, int rc, const struct buf *expected)
{
	static const size_t steps[] = {1, 7};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct buf out = BUF_INIT;
		struct board board;

		board_init(&board);
		require(read_board(data, size, steps[i], &board) == rc);
		require(board_gather(&board) == 0);
		write_board(&board, &out);
		require(strcmp(buf_str(expected), buf_str(&out)) == 0);
		board_fini(&board);
		buf_free(&out);
	}
}

static void
check_way_back(const struct buf *written)
{
	struct buf out = BUF_INIT;
	struct board board;

	board_init(&board);
	require(read_board(written->data, written->len, SIZE_MAX, &board) == 0);
	write_board(&board, &out);
	require(strcmp(buf_str(written), buf_str(&out)) == 0);
	require(board_gather(&board) == 0);
	write_board(&board, &out);
	require(strcmp(buf_str(written), buf_str(&out)) == 0);
	board_fini(&board);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf written = BUF_INIT;
	struct board board;
	int rc;

	board_init(&board);
	rc = read_board(data, size, SIZE_MAX, &board);
	require(board_gather(&board) == 0);
	write_board(&board, &written);
	check_cuts(data, size, rc, &written);
	if (rc == 0)
		check_way_back(&written);
	board_fini(&board);
	buf_free(&written);
	return 0;
}
