#include "mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "file.h"

/* The kernel copies at most one page of data. */
enum { DATA_MAX = 4095 };

struct one {
	char *type, *source, *target;
	struct mount_options options;
	unsigned count;
	bool bad;
};

static void free_one(struct one *m)
{
	free(m->type);
	free(m->source);
	free(m->target);
	mount_options_free(&m->options);
}

static void read_one(struct one *m, const uint8_t *msg, size_t len)
{
	struct pb r = pb_over(msg, len);
	*m = (struct one){0};
	while (pb_next(&r)) {
		if (r.wire != PB_BYTES || r.field < 1 || r.field > 4)
			continue;
		char *s = pb_strdup(&r), **at = r.field == 1 ? &m->type : r.field == 2 ? &m->source : &m->target;
		if (r.field == 4) {
			if (s && ++m->count <= MOUNT_OPTIONS_MAX)
				mount_option(&m->options, s);
			free(s);
		} else {
			free(*at);
			*at = s;
		}
		m->bad |= !s;
	}
	if (m->type)
		mount_type(&m->options, m->type);
	m->bad |= r.bad || m->count > MOUNT_OPTIONS_MAX || m->options.data.failed || m->options.refused.failed;
}

/* Long overlay lists are mounted from the layers' common parent, with names relative to it. */
static char *common_parent(const char *data)
{
	const char *dirs = strstr(data, "lowerdir=");
	if (!dirs || (dirs != data && dirs[-1] != ','))
		return NULL;
	dirs += 9;
	size_t end = strcspn(dirs, ","), common = strcspn(dirs, ":,");
	for (const char *d = dirs; d < dirs + end; d += strcspn(d, ":,") + 1) {
		size_t n = 0, len = strcspn(d, ":,");
		while (n < common && n < len && d[n] == dirs[n])
			n++;
		common = n;
	}
	while (common && dirs[common - 1] != '/')
		common--;
	return common > 1 && *dirs == '/' ? strndup(dirs, common) : NULL;
}

static void relative_lowers(const char *data, const char *parent, struct buf *out)
{
	const char *dirs = strstr(data, "lowerdir=") + 9;
	size_t end = strcspn(dirs, ","), strip = strlen(parent);
	buf_add(out, data, (size_t)(dirs - data));
	for (const char *d = dirs; d < dirs + end;) {
		size_t len = strcspn(d, ":,");
		if (len == strip)
			buf_byte(out, '.');
		buf_add(out, d + strip, len - strip);
		d += len;
		if (*d == ':')
			buf_byte(out, *d++);
	}
	buf_str(out, dirs + end);
}

static int mount_long_overlay(const struct one *m, const char *target, const char *data)
{
	char *parent = common_parent(data), *here = parent ? getcwd(NULL, 0) : NULL;
	struct buf rel = {0};
	int r = -1;
	errno = E2BIG;
	if (here) {
		relative_lowers(data, parent, &rel);
		if (!rel.failed && rel.len <= DATA_MAX && !chdir(parent)) {
			r = mount(m->source, target, m->type, m->options.flags, buf_cstr(&rel));
			int saved = errno;
			if (chdir(here)) /* cannot happen: we were just there; every path we use is absolute anyway */
				saved = errno;
			errno = saved;
		}
	}
	int saved = errno;
	buf_free(&rel);
	free(parent);
	free(here);
	errno = saved;
	return r;
}

static int mount_one(struct one *m, const char *target)
{
	const char *data = buf_cstr(&m->options.data), *type = m->type ? m->type : "", *source = m->source ? m->source : "";
	unsigned long flags = m->options.flags, ro_bind = MS_BIND | MS_RDONLY;
	int r = m->options.data.len > DATA_MAX - 511 && !strcmp(type, "overlay") ? mount_long_overlay(m, target, data)
										 : mount(source, target, type, flags, data);
	if (r || (flags & ro_bind) != ro_bind)
		return r;
	/* A bind takes the flags of its source; read-only needs a second step. */
	return mount("", target, "", flags | MS_REMOUNT, "");
}

static char *place(const struct one *m, const char *target)
{
	if (!m->target || !*m->target)
		return strdup(target);
	/* A sub-target must stay beneath the root file system. */
	for (const char *p = m->target; *p; p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return NULL;
		p += n;
	}
	return path_join(target, m->target + strspn(m->target, "/"));
}

enum rpc_code mount_all(const uint8_t *msg, size_t len, uint32_t field, const char *target, struct buf *error)
{
	struct pb r = pb_over(msg, len);
	unsigned count = 0;
	enum rpc_code code = RPC_OK;
	while (!code && pb_next(&r)) {
		struct one m;
		if (!pb_is(&r, field, PB_BYTES))
			continue;
		read_one(&m, r.data, r.len);
		char *at = place(&m, target);
		if (m.bad || !at || ++count > MOUNTS_MAX) {
			buf_fmt(error, "malformed mount, or too many mounts or options: invalid argument");
			code = RPC_INVALID_ARGUMENT;
		} else if (m.options.refused.len) {
			buf_str(error, buf_cstr(&m.options.refused));
			code = m.options.refused_as;
		} else if (mount_one(&m, at)) {
			buf_fmt(error, "mount source: \"%s\", target: \"%s\", fstype: %s, flags: %lu, data: \"%s\", err: %s",
				m.source ? m.source : "", at, m.type ? m.type : "", m.options.flags,
				buf_cstr(&m.options.data), strerror(errno));
			code = RPC_UNKNOWN;
		}
		free(at);
		free_one(&m);
	}
	if (code)
		unmount_all(target);
	return code;
}

int unmount_all(const char *target)
{
	/* Bounded: a mount stack deeper than this is not ours. */
	for (int i = 0; i < 4 * MOUNTS_MAX; i++)
		if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW))
			return errno == EINVAL || errno == ENOENT ? 0 : -1;
	return 0;
}
