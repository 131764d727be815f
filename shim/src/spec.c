#include "spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json.h"

enum { CONFIG_MAX = 16 << 20 };

void spec_free(struct spec *s)
{
	free(s->group);
	free(s->cgroups_path);
	s->group = s->cgroups_path = NULL;
}

static bool read_annotations(struct json *j, struct spec *s)
{
	char *sandbox = NULL;
	enum json_tok t;
	while ((t = json_next(j)) == JSON_KEY) {
		bool group = json_is(j, "io.containerd.runc.v2.group");
		char **at = group ? &s->group : json_is(j, "io.kubernetes.cri.sandbox-id") ? &sandbox : NULL;
		t = json_next(j);
		if (at && t == JSON_STRING) {
			free(*at);
			*at = json_strdup(j);
		}
		if (!json_skip(j, t)) {
			t = JSON_ERROR;
			break;
		}
	}
	if (!s->group)
		s->group = sandbox;
	else
		free(sandbox);
	return t == JSON_OBJECT_END;
}

/* One entry of linux.namespaces: is it a pid namespace without a path? */
static bool read_namespace(struct json *j, bool *own_pid)
{
	bool pid = false, path = false;
	enum json_tok t;
	while ((t = json_next(j)) == JSON_KEY) {
		bool type = json_is(j, "type"), is_path = json_is(j, "path");
		t = json_next(j);
		if (type && t == JSON_STRING)
			pid = json_is(j, "pid");
		if (is_path && t == JSON_STRING)
			path = j->len > 0;
		if (!json_skip(j, t))
			return false;
	}
	*own_pid |= pid && !path;
	return t == JSON_OBJECT_END;
}

static bool read_linux(struct json *j, struct spec *s)
{
	enum json_tok t;
	while ((t = json_next(j)) == JSON_KEY) {
		bool namespaces = json_is(j, "namespaces"), cgroups_path = json_is(j, "cgroupsPath");
		t = json_next(j);
		if (cgroups_path && t == JSON_STRING) {
			free(s->cgroups_path);
			s->cgroups_path = json_strdup(j);
		}
		if (!namespaces || t != JSON_ARRAY) {
			if (!json_skip(j, t))
				return false;
			continue;
		}
		while ((t = json_next(j)) == JSON_OBJECT)
			if (!read_namespace(j, &s->own_pid_ns))
				return false;
		if (t != JSON_ARRAY_END)
			return false;
	}
	return t == JSON_OBJECT_END;
}

static bool read_config(struct json *j, struct spec *s)
{
	enum json_tok t = json_next(j);
	if (t != JSON_OBJECT)
		return false;
	while ((t = json_next(j)) == JSON_KEY) {
		bool annotations = json_is(j, "annotations"), linux_part = json_is(j, "linux");
		t = json_next(j);
		bool ok = t != JSON_OBJECT || !(annotations || linux_part) ? json_skip(j, t)
			  : annotations					   ? read_annotations(j, s)
									   : read_linux(j, s);
		if (!ok)
			return false;
	}
	return t == JSON_OBJECT_END;
}

int spec_read(struct spec *s, const char *bundle)
{
	struct buf b = {0};
	char *path = path_join(bundle, "config.json");
	*s = (struct spec){0};
	int r = path ? file_read(path, CONFIG_MAX, &b) : -1;
	int saved = errno;
	if (!r) {
		struct json j = json_over((const char *)b.p, b.len);
		if (!read_config(&j, s)) {
			r = -1;
			saved = EINVAL;
		}
	}
	free(path);
	buf_free(&b);
	errno = saved;
	return r;
}

bool spec_process(const uint8_t *json, size_t len, bool terminal, struct buf *out)
{
	struct json j = json_over((const char *)json, len);
	enum json_tok t = len ? json_next(&j) : JSON_ERROR;
	if (t != JSON_OBJECT)
		return false;
	buf_fmt(out, "{\"terminal\":%s", terminal ? "true" : "false");
	while ((t = json_next(&j)) == JSON_KEY) {
		bool skip = json_is(&j, "terminal");
		const char *from = j.text - 1;
		if (!json_skip_value(&j))
			return false;
		if (!skip) {
			buf_byte(out, ',');
			buf_add(out, from, (size_t)(j.p - from));
		}
	}
	buf_byte(out, '}');
	return t == JSON_OBJECT_END && json_next(&j) == JSON_END && !out->failed;
}
