#include "text/yaml_scalar.h"

#include "util/buf.h"
#include "util/utf8.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Words that some reader takes for something else than a string. */
static bool
is_reserved(const char *s)
{
	static const char *const words[] = {"null", "true", "false", "yes",
	    "no", "on", "off", "y", "n", "nan", "inf", "infinity"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}

/* Letters, and signs that mean nothing to YAML; never a digit or a sign, so
 * that no number, date or time of any version can begin so. */
static bool
may_begin(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
	       cp == '_' || cp == '/' || cp == '(' || cp == '$' || cp > 0xa0;
}

/* What must be escaped: what YAML calls not printable or a line break, and
 * what would change how the rest of the line is shown. */
static bool
must_escape(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x2028 ||
	       cp == 0x2029 || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff ||
	       (cp & 0xfffe) == 0xfffe;
}

static bool
is_wide_space(uint32_t cp)
{
	return cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x202f ||
	       cp == 0x205f || cp == 0x3000;
}

static bool
special_in_flow(uint32_t cp)
{
	return cp < 0x80 && strchr(",[]{}:?", (int)cp) != NULL;
}

static bool
is_plain(const char *s, bool flow)
{
	size_t len = strlen(s);
	uint32_t before = 0, cp = 0;

	if (is_reserved(s))
		return false;
	for (size_t i = 0; i < len; before = cp) {
		size_t n = utf8_decode(s + i, len - i, &cp, NULL);

		if (must_escape(cp) || (i == 0 && !may_begin(cp)) ||
		    (i == 0 && is_wide_space(cp)) ||
		    (flow && special_in_flow(cp)) ||
		    (before == ' ' && cp == '#') ||
		    (before == ':' && cp == ' '))
			return false;
		i += n;
	}
	return len > 0 && cp != ' ' && cp != ':' && !is_wide_space(cp);
}

static void
add_escaped(struct buf *out, uint32_t cp)
{
	if (cp == '"' || cp == '\\')
		(void)buf_printf(out, "\\%c", (int)cp);
	else if (cp == '\n' || cp == '\t' || cp == '\r')
		(void)buf_add_str(out, cp == '\n'   ? "\\n"
				       : cp == '\t' ? "\\t"
						    : "\\r");
	else if (!must_escape(cp))
		(void)utf8_add(out, cp);
	else if (cp <= 0xff)
		(void)buf_printf(out, "\\x%02X", (unsigned)cp);
	else if (cp <= 0xffff)
		(void)buf_printf(out, "\\u%04X", (unsigned)cp);
	else
		(void)buf_printf(out, "\\U%08X", (unsigned)cp);
}

int
yaml_scalar_add(struct buf *out, const char *s, bool flow)
{
	size_t len = strlen(s);
	uint32_t cp;

	if (is_plain(s, flow))
		return buf_add(out, s, len);
	(void)buf_add_char(out, '"');
	for (size_t i = 0; i < len && out->err == 0;) {
		i += utf8_decode(s + i, len - i, &cp, NULL);
		add_escaped(out, cp);
	}
	return buf_add_char(out, '"');
}

static const char *
skip_digits(const char *s)
{
	return s + strspn(s, "0123456789");
}

bool
yaml_is_number(const char *s)
{
	const char *end;

	if (*s == '-')
		s++;
	end = skip_digits(s);
	if (end == s || (*s == '0' && end - s > 1))
		return false;
	s = end;
	if (*s == '.') {
		end = skip_digits(s + 1);
		if (end == s + 1)
			return false;
		s = end;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		if (*s == '+' || *s == '-')
			s++;
		end = skip_digits(s);
		if (end == s)
			return false;
		s = end;
	}
	return *s == '\0';
}
