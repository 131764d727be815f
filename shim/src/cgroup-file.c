#include "cgroup-file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

enum { TEXT_MAX = 1 << 20, HUGEPAGE_SIZES_MAX = 16 };

bool cgroup_text(const char *dir, const char *name, struct buf *out)
{
	char *path = path_join(dir, name);
	out->len = 0;
	bool ok = path && !file_read(path, TEXT_MAX, out);
	free(path);
	buf_cstr(out);
	return ok;
}

static uint64_t number(const char *s, uint64_t max)
{
	s += strspn(s, " \t");
	if (!strncmp(s, "max", 3))
		return max;
	return *s == '-' ? 0 : strtoull(s, NULL, 10);
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

void cgroup_each_hugepage(void (*fn)(const char *size, const char *dir, struct buf *out), const char *dir,
			  struct buf *out)
{
	DIR *d = opendir("/sys/kernel/mm/hugepages");
	int count = 0;
	for (struct dirent *e; d && (e = readdir(d)) && count < HUGEPAGE_SIZES_MAX;) {
		unsigned long kb;
		char size[32];
		if (sscanf(e->d_name, "hugepages-%lukB", &kb) != 1 || !kb)
			continue;
		if (kb >= 1 << 20)
			snprintf(size, sizeof size, "%luGB", kb >> 20);
		else if (kb >= 1 << 10)
			snprintf(size, sizeof size, "%luMB", kb >> 10);
		else
			snprintf(size, sizeof size, "%luKB", kb);
		fn(size, dir, out);
		count++;
	}
	if (d)
		closedir(d);
}

/* One line is "<device> hca_handle=N hca_object=N", N possibly "max". */
void cgroup_put_rdma(struct buf *out, uint32_t field, const char *text)
{
	for (const char *p = text; p && *p; p = next_line(p)) {
		char device[65], handle[33], object[33];
		if (sscanf(p, "%64s hca_handle=%32s hca_object=%32s", device, handle, object) != 3)
			continue;
		struct buf e = {0};
		pb_str(&e, 1, device);
		pb_uint(&e, 2, number(handle, UINT32_MAX));
		pb_uint(&e, 3, number(object, UINT32_MAX));
		pb_message(out, field, &e);
		buf_free(&e);
	}
}
