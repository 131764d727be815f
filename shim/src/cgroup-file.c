#include "cgroup-file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup-host.h"
#include "file.h"

enum { TEXT_MAX = 1 << 20 };

bool cgroup_text(const char *dir, const char *name, struct buf *out)
{
	char *path = path_join(dir, name);
	out->len = 0;
	bool ok = path && !file_read(path, TEXT_MAX, out);
	free(path);
	buf_cstr(out);
	return ok;
}

/* The number that is the first word of s; 0 for what is not a number of 64 bits, as for a negative one. */
static uint64_t number(const char *s, uint64_t max)
{
	s += strspn(s, " \t");
	size_t n = strcspn(s, " \t\n");
	if (n == 3 && !strncmp(s, "max", n))
		return max;
	if (!n || strspn(s, "0123456789") != n)
		return 0;
	errno = 0;
	uint64_t v = strtoull(s, NULL, 10);
	return errno ? 0 : v;
}

bool cgroup_number(const char *dir, const char *name, uint64_t max, uint64_t *out)
{
	struct buf b = {0};
	bool ok = cgroup_text(dir, name, &b);
	*out = ok ? number(buf_cstr(&b), max) : 0;
	buf_free(&b);
	return ok;
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

char *cgroup_line(char **at)
{
	char *line = *at;
	if (!line || !*line)
		return NULL;
	*at = strchr(line, '\n');
	if (*at)
		*(*at)++ = 0;
	return line;
}

uint64_t cgroup_key(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *p = text; p && *p; p = next_line(p))
		if (!strncmp(p, key, n) && p[n] == ' ')
			return number(p + n + 1, UINT64_MAX);
	return 0;
}

void cgroup_put_keys(struct buf *out, const char *text, const struct kv_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pb_uint(out, fields[i].field, cgroup_key(text, fields[i].key));
}

static void each_hugepage(const char *entry, void (*fn)(const char *size, const char *dir, struct buf *out),
			  const char *dir, struct buf *out)
{
	unsigned long kb;
	char size[32];
	if (sscanf(entry, "hugepages-%lukB", &kb) != 1 || !kb)
		return;
	if (kb >= 1 << 20)
		snprintf(size, sizeof size, "%luGB", kb >> 20);
	else if (kb >= 1 << 10)
		snprintf(size, sizeof size, "%luMB", kb >> 10);
	else
		snprintf(size, sizeof size, "%luKB", kb);
	fn(size, dir, out);
}

void cgroup_each_hugepage(void (*fn)(const char *size, const char *dir, struct buf *out), const char *dir,
			  struct buf *out)
{
	char *path = cgroup_host_path("/sys/kernel/mm/hugepages");
	struct dirent **entries = NULL;
	int count = path ? scandir(path, &entries, NULL, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		each_hugepage(entries[i]->d_name, fn, dir, out);
		free(entries[i]);
	}
	free(entries);
	free(path);
}

/* One line is "<device> hca_handle=N hca_object=N", N possibly "max". */
bool cgroup_put_rdma(struct buf *out, uint32_t field, const char *dir, const char *name)
{
	struct buf text = {0};
	bool ok = cgroup_text(dir, name, &text);
	char *at = ok ? (char *)text.p : NULL;
	for (char *line; (line = cgroup_line(&at));) {
		char device[65], handle[33], object[33];
		if (sscanf(line, "%64s hca_handle=%32s hca_object=%32s", device, handle, object) != 3)
			continue;
		struct buf e = {0};
		pb_str(&e, 1, device);
		pb_uint(&e, 2, number(handle, UINT32_MAX));
		pb_uint(&e, 3, number(object, UINT32_MAX));
		pb_message(out, field, &e);
		buf_free(&e);
	}
	buf_free(&text);
	return ok;
}
