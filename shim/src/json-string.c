#include <stdlib.h>
#include <string.h>

#include "json.h"

static int hex4(const char *p, const char *end)
{
	int v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *at = strchr("0123456789abcdef", p[i] | 0x20);
		if (!p[i] || !at || !*at)
			return -1;
		v = v << 4 | (int)(at - "0123456789abcdef");
	}
	return v;
}

static char *put_utf8(char *o, unsigned c)
{
	if (c < 0x80) {
		*o++ = (char)c;
	} else if (c < 0x800) {
		*o++ = (char)(0xc0 | c >> 6);
		*o++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*o++ = (char)(0xe0 | c >> 12);
		*o++ = (char)(0x80 | (c >> 6 & 63));
		*o++ = (char)(0x80 | (c & 63));
	} else {
		*o++ = (char)(0xf0 | c >> 18);
		*o++ = (char)(0x80 | (c >> 12 & 63));
		*o++ = (char)(0x80 | (c >> 6 & 63));
		*o++ = (char)(0x80 | (c & 63));
	}
	return o;
}

/* Decodes \uXXXX at *pp (just after the u), joining surrogate pairs; a lone surrogate becomes U+FFFD. */
static int read_unicode(const char **pp, const char *end)
{
	int c = hex4(*pp, end);
	if (c < 0)
		return -1;
	*pp += 4;
	if (c >= 0xdc00 && c < 0xe000)
		return 0xfffd;
	if (c < 0xd800 || c >= 0xe000)
		return c;
	if (end - *pp < 6 || (*pp)[0] != '\\' || (*pp)[1] != 'u')
		return 0xfffd;
	int low = hex4(*pp + 2, end);
	if (low < 0xdc00 || low >= 0xe000)
		return 0xfffd;
	*pp += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

char *json_strdup(const struct json *j)
{
	/* unescaping never lengthens: \uXXXX (6 bytes) gives at most 3, a pair (12) gives 4 */
	char *out = malloc(j->len + 1), *o = out;
	const char *p = j->text, *end = p + j->len;
	while (out && p < end) {
		if (*p != '\\') {
			*o++ = *p++;
			continue;
		}
		if (++p == end)
			break;
		char e = *p++;
		const char *from = "\"\\/bfnrt", *at = strchr(from, e);
		int c = e == 'u' ? read_unicode(&p, end) : e && at ? "\"\\/\b\f\n\r\t"[at - from] : -1;
		if (c <= 0) {
			free(out);
			return NULL;
		}
		o = put_utf8(o, (unsigned)c);
	}
	if (out)
		*o = 0;
	return out;
}
