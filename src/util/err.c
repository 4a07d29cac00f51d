#include "util/err.h"

#include "util/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Make the text printable; where it was cut, end it at a whole code point. */
static void
clean(char *text, bool cut)
{
	size_t len = strlen(text);

	if (cut) {
		while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
			len--;
		if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
			len--;
		text[len] = '\0';
	}
	utf8_make_printable(text);
}

__attribute__((format(printf, 2, 0))) static void
format_text(char *text, const char *fmt, va_list args)
{
	int n = vsnprintf(text, ERR_TEXT_MAX, fmt, args);

	if (n < 0)
		text[0] = '\0';
	else
		clean(text, n >= ERR_TEXT_MAX);
}

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return code;
	err->code = code;
	va_start(args, fmt);
	format_text(err->text, fmt, args);
	va_end(args);
	return code;
}

void
err_prefix(struct err *err, const char *fmt, ...)
{
	struct err old;
	va_list args;
	size_t len;

	if (err == NULL)
		return;
	old = *err;
	va_start(args, fmt);
	format_text(err->text, fmt, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, ERR_TEXT_MAX - len, ": %s", old.text);
	clean(err->text, len + 2 + strlen(old.text) >= ERR_TEXT_MAX);
}
