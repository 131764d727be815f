#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json.h"

enum { OPTIONS_FILE_MAX = 1 << 20 };

void options_free(struct options *o)
{
	free(o->shim_cgroup);
	free(o->binary_name);
	free(o->root);
	free(o->criu_image_path);
	free(o->criu_work_path);
	*o = (struct options){0};
}

static void take_string(char **at, char *s)
{
	free(*at);
	*at = s;
	if (s && !*s) {
		free(s);
		*at = NULL;
	}
}

static void take_field(struct options *o, const struct pb *r)
{
	char **text = r->field == 3    ? &o->shim_cgroup
		      : r->field == 6  ? &o->binary_name
		      : r->field == 7  ? &o->root
		      : r->field == 10 ? &o->criu_image_path
		      : r->field == 11 ? &o->criu_work_path
				       : NULL;
	bool *flag = r->field == 1 ? &o->no_pivot_root
		     : r->field == 2 ? &o->no_new_keyring
		     : r->field == 9 ? &o->systemd_cgroup
				     : NULL;
	if (r->wire == PB_BYTES && text)
		take_string(text, pb_strdup(r));
	else if (r->wire == PB_VARINT && flag)
		*flag = r->num;
	else if (r->wire == PB_VARINT && r->field == 4)
		o->io_uid = (uint32_t)r->num;
	else if (r->wire == PB_VARINT && r->field == 5)
		o->io_gid = (uint32_t)r->num;
}

bool options_from_any(struct options *o, const uint8_t *any, size_t len)
{
	struct pb value;
	*o = (struct options){0};
	if (!pb_any_value(any, len, "containerd.runc.v1.Options", &value))
		return false;
	while (pb_next(&value))
		take_field(o, &value);
	return !value.bad;
}

static void json_text(struct buf *b, const char *key, const char *s)
{
	if (!s)
		return;
	buf_fmt(b, "%s\"%s\":\"", b->len > 1 ? "," : "", key);
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_fmt(b, "\\%c", *p);
		else if (*p < 0x20)
			buf_fmt(b, "\\u%04x", *p);
		else
			buf_byte(b, *p);
	}
	buf_byte(b, '"');
}

static void json_flag(struct buf *b, const char *key, bool on)
{
	if (on)
		buf_fmt(b, "%s\"%s\":true", b->len > 1 ? "," : "", key);
}

static void json_number(struct buf *b, const char *key, uint32_t n)
{
	if (n)
		buf_fmt(b, "%s\"%s\":%u", b->len > 1 ? "," : "", key, n);
}

static int save_as(const char *bundle, const char *name, const void *data, size_t len)
{
	char *path = path_join(bundle, name);
	int r = path ? file_write(path, 0600, data, len) : -1;
	int saved = errno;
	free(path);
	errno = saved;
	return r;
}

int options_save(const struct options *o, const char *bundle)
{
	struct buf b = {0};
	const char *binary = o->binary_name ? o->binary_name : "";
	buf_byte(&b, '{');
	json_flag(&b, "no_pivot_root", o->no_pivot_root);
	json_flag(&b, "no_new_keyring", o->no_new_keyring);
	json_text(&b, "shim_cgroup", o->shim_cgroup);
	json_number(&b, "io_uid", o->io_uid);
	json_number(&b, "io_gid", o->io_gid);
	json_text(&b, "binary_name", o->binary_name);
	json_text(&b, "root", o->root);
	json_flag(&b, "systemd_cgroup", o->systemd_cgroup);
	json_text(&b, "criu_image_path", o->criu_image_path);
	json_text(&b, "criu_work_path", o->criu_work_path);
	buf_byte(&b, '}');
	errno = ENOMEM;
	int r = b.failed ? -1 : save_as(bundle, "options.json", b.p, b.len);
	if (!r)
		r = save_as(bundle, "runtime", binary, strlen(binary));
	buf_free(&b);
	return r;
}

bool options_load(struct options *o, const char *bundle)
{
	struct buf b = {0};
	char *path = path_join(bundle, "options.json");
	*o = (struct options){0};
	if (!path || file_read(path, OPTIONS_FILE_MAX, &b)) {
		free(path);
		buf_free(&b);
		return true;
	}
	struct json j = json_over((const char *)b.p, b.len);
	enum json_tok t = json_next(&j);
	while (t == JSON_OBJECT && (t = json_next(&j)) == JSON_KEY) {
		char **text = json_is(&j, "binary_name") ? &o->binary_name : json_is(&j, "root") ? &o->root : NULL;
		bool systemd = json_is(&j, "systemd_cgroup");
		t = json_next(&j);
		if (text && t == JSON_STRING)
			take_string(text, json_strdup(&j));
		if (systemd)
			o->systemd_cgroup = t == JSON_TRUE;
		t = json_skip(&j, t) ? JSON_OBJECT : JSON_ERROR;
	}
	free(path);
	buf_free(&b);
	return t == JSON_OBJECT_END;
}
