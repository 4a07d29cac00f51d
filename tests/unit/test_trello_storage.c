#include "unit.h"

#include "trello/http.h"
#include "trello/storage.h"
#include "util/err.h"

#include <errno.h>

static struct storage *
new_storage(const char *base_url)
{
	const struct http_options options = {.base_url = base_url};
	struct storage *storage = NULL;
	struct err err = {0};

	assert_int_equal(storage_new(&options, &storage, &err), 0);
	return storage;
}

/* Only Trello itself is asked with credentials where a file is. */
static void
test_whose_address(void **state)
{
	static const char *const own[] = {
	    "https://trello.com/1/cards/a/attachments/b/download/c",
	    "https://TRELLO.com/1/x", "https://api.trello.com/1/x",
	    "https://www.trello.com/x"};
	static const char *const others[] = {
	    "https://trello-attachments.s3.amazonaws.com/a/b",
	    "https://trello.com.example.com/1/x", "https://xtrello.com/1/x",
	    "https://trello.com:444/1/x", "https://trello.com@example.com/1/x",
	    "https://example.com/trello.com/1/x",
	    "https://example.com#trello.com", "no address", ""};
	struct storage *storage = new_storage(HTTP_API_URL);

	(void)state;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		assert_true(storage_is_trellos(storage, own[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(storage_is_trellos(storage, others[i]));
	storage_free(storage);
	storage = new_storage("http://127.0.0.1:8080/1");
	assert_true(storage_is_trellos(storage, "http://127.0.0.1:8080/1/x"));
	assert_false(storage_is_trellos(storage, "http://127.0.0.1:8081/1/x"));
	assert_false(storage_is_trellos(storage, own[0]));
	storage_free(storage);
}

static int
start(struct storage *storage, const char *url)
{
	const struct storage_args args = {
	    .url = url, .from = 0, .to = 1, .size = 1, .tag = ""};
	struct storage_get *get;
	int r = storage_start(storage, &args, &get);

	if (r == 0)
		storage_cancel(get);
	return r;
}

/* In the clear to this machine only, from an account on it. */
static void
test_what_may_be_asked(void **state)
{
	static const char *const refused[] = {"http://example.com/x",
	    "http://127.0.0.1/x", "ftp://example.com/x", "file:///etc/passwd",
	    "https://user:word@example.com/x", "gopher://example.com/", ""};
	struct storage *storage = new_storage(HTTP_API_URL);

	(void)state;
	assert_int_equal(start(storage, "https://example.com/x?y=z"), 0);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(start(storage, refused[i]), -EINVAL);
	storage_free(storage);
	storage = new_storage("http://127.0.0.1:8080/1");
	assert_int_equal(start(storage, "http://127.0.0.1:99/x"), 0);
	assert_int_equal(start(storage, "http://localhost/x"), 0);
	assert_int_equal(start(storage, "http://example.com/x"), -EINVAL);
	assert_int_equal(start(storage, "https://example.com/x"), -EINVAL);
	storage_free(storage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_whose_address),
    cmocka_unit_test(test_what_may_be_asked),
};

UNIT_MAIN(tests)
