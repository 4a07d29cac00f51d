#include "text/text_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One printable line, cut at a code point. */
__attribute__((format(printf, 3, 0))) static void
print(char out[ERR_TEXT_MAX], const char *prefix, const char *fmt, va_list args)
{
	char text[2 * ERR_TEXT_MAX];
	struct err line;

	(void)vsnprintf(text, sizeof text, fmt, args);
	(void)err_set(&line, 0, "%s%s", prefix, text);
	memcpy(out, line.text, ERR_TEXT_MAX);
}

int
text_error_set(
    struct text_error *error, int code, unsigned line, const char *fmt, ...)
{
	char prefix[32] = "";
	va_list args;

	memset(error, 0, sizeof *error);
	error->code = code;
	error->line = line;
	if (line != 0)
		(void)snprintf(prefix, sizeof prefix, "line %u: ", line);
	va_start(args, fmt);
	print(error->what, prefix, fmt, args);
	va_end(args);
	return code;
}

int
text_error_why(struct text_error *error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(error->why, "", fmt, args);
	va_end(args);
	return error->code;
}

int
text_error_remedy(struct text_error *error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(error->remedy, "", fmt, args);
	va_end(args);
	return error->code;
}

int
text_error_help(struct text_error *error, const char *why, const char *remedy)
{
	(void)text_error_why(error, "%s", why);
	return text_error_remedy(error, "%s", remedy);
}
