#include "mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "file.h"
#include "id-map.h"
#include "overlay.h"

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
	mount_type(&m->options, m->type ? m->type : "");
	m->bad |= r.bad || m->count > MOUNT_OPTIONS_MAX || m->options.data.failed || m->options.refused.failed ||
		  m->options.uids.failed || m->options.gids.failed;
}

static int mount_mapped(const struct one *m, const char *target)
{
	struct mount_options options = m->options;
	const char *uids = buf_cstr(&options.uids), *gids = buf_cstr(&options.gids), *data = buf_cstr(&options.data);
	if (options.flags & MS_BIND)
		return id_map_mount(m->source ? m->source : "", target, options.flags, uids, gids);
	return overlay_mount_mapped(m->source ? m->source : "", target, options.flags, data, uids, gids);
}

static int mount_one(struct one *m, const char *target)
{
	const char *data = buf_cstr(&m->options.data), *type = m->type ? m->type : "", *source = m->source ? m->source : "";
	unsigned long flags = m->options.flags, ro_bind = MS_BIND | MS_RDONLY;
	if (m->options.uids.len)
		return mount_mapped(m, target);
	if (!strcmp(type, "overlay") && !(flags & (MS_BIND | MS_REMOUNT)))
		return overlay_mount(source, target, flags, data);
	int r = mount(source, target, type, flags, data);
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
