#include "log-options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "uri.h"

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || v > max / 10)
			return false;
		v = v * 10 + (uint64_t)(*text - '0');
	}
	*out = v;
	return v <= max;
}

static bool fits_socket(const char *path)
{
	return *path == '/' && strlen(path) < sizeof(struct sockaddr_un){0}.sun_path;
}

static bool set(struct log_options *o, const char *key, const char *value)
{
	uint64_t n;
	if (!strcmp(key, "max_size")) {
		return parse_number(value, INT64_MAX, &o->max_size);
	} else if (!strcmp(key, "max_files")) {
		if (!parse_number(value, LOG_FILES_MAX, &n) || !n)
			return false;
		o->max_files = (unsigned)n;
		return true;
	} else if (!strcmp(key, "attach")) {
		free(o->attach);
		o->attach = fits_socket(value) ? strdup(value) : NULL;
		return o->attach;
	}
	return false;
}

bool log_options_parse(struct log_options *o, const char *uri, struct buf *error)
{
	enum uri_kind kind = uri_kind(uri);
	*o = (struct log_options){.max_files = 1};
	o->format = kind == URI_CRI ? LOG_CRI : kind == URI_JSON ? LOG_JSON : LOG_RAW;
	if (o->format == LOG_RAW) {
		o->path = uri_path(uri);
		if (!o->path)
			buf_fmt(error, "malformed stdout uri %s: invalid argument", uri);
		return o->path;
	}
	char **argv = uri_argv(uri);
	bool ok = argv && (o->path = strdup(argv[0]));
	if (!ok)
		buf_fmt(error, "malformed stdout uri %s: invalid argument", uri);
	for (char **a = ok ? argv + 1 : NULL; ok && *a; a += 2) {
		ok = set(o, a[0], a[1]);
		if (!ok)
			buf_fmt(error, "log option %s=%s of stdout uri: invalid argument", a[0], a[1]);
	}
	uri_free_argv(argv);
	return ok;
}

void log_options_free(struct log_options *o)
{
	free(o->path);
	free(o->attach);
	*o = (struct log_options){0};
}
