#include "uri.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 64 };

enum uri_kind uri_kind(const char *uri)
{
	if (!uri || !*uri)
		return URI_NONE;
	const char *sep = strstr(uri, "://");
	if (!sep)
		return URI_FIFO;
	static const struct {
		const char *scheme;
		enum uri_kind kind;
	} known[] = {{"fifo", URI_FIFO}, {"file", URI_FILE},	{"binary", URI_BINARY}, {"binary-v2", URI_BINARY_V2},
		     {"cri", URI_CRI},	 {"json", URI_JSON},	{"attach", URI_ATTACH}};
	size_t len = (size_t)(sep - uri);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].scheme) == len && !strncmp(uri, known[i].scheme, len))
			return known[i].kind;
	return URI_UNKNOWN;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *decode(const char *p, size_t len, bool plus)
{
	char *out = malloc(len + 1), *o = out;
	for (const char *end = p + len; out && p < end; p++) {
		char c = *p == '+' && plus ? ' ' : *p;
		if (*p == '%') {
			int hi = end - p > 2 ? hex(p[1]) : -1, lo = end - p > 2 ? hex(p[2]) : -1;
			if (hi < 0 || lo < 0 || !(hi | lo)) {
				free(out);
				return NULL;
			}
			c = (char)(hi << 4 | lo);
			p += 2;
		}
		*o++ = c;
	}
	if (out)
		*o = 0;
	return out;
}

char *uri_path(const char *uri)
{
	const char *path = strstr(uri, "://");
	if (!path || path[3] != '/')
		return NULL;
	path += 3;
	return decode(path, strcspn(path, "?#"), false);
}

void uri_free_argv(char **argv)
{
	for (char **a = argv; a && *a; a++)
		free(*a);
	free(argv);
}

static bool has_key(char *const *argv, unsigned n, const char *key)
{
	for (unsigned i = 1; i + 1 < n; i += 2)
		if (!strcmp(argv[i], key))
			return true;
	return false;
}

/* Adds one k=v pair of length len; false when malformed. */
static bool add_pair(char **argv, unsigned *n, const char *p, size_t len)
{
	const char *eq = memchr(p, '=', len);
	size_t klen = eq ? (size_t)(eq - p) : len;
	char *key = decode(p, klen, true);
	char *value = eq ? decode(eq + 1, len - klen - 1, true) : decode("", 0, true);
	if (key && value && !has_key(argv, *n, key)) {
		argv[(*n)++] = key;
		argv[(*n)++] = value;
		return true;
	}
	bool repeated = key && value;
	free(key);
	free(value);
	return repeated;
}

char **uri_argv(const char *uri)
{
	char **argv = calloc(2 * PAIRS_MAX + 2, sizeof *argv);
	unsigned n = 0;
	if (!argv || !(argv[n++] = uri_path(uri)))
		goto bad;
	const char *q = strchr(uri, '?');
	const char *end = q ? q + strcspn(q, "#") : NULL;
	for (q = q ? q + 1 : NULL; q && q < end;) {
		size_t len = strcspn(q, "&#");
		if (len && (n > 2 * PAIRS_MAX - 1 || !add_pair(argv, &n, q, len)))
			goto bad;
		q += len + 1;
	}
	return argv;
bad:
	uri_free_argv(argv);
	return NULL;
}
