#include <string.h>
#include <sys/mount.h>

#include "id-map.h"
#include "mount.h"

static const struct {
	const char *name;
	unsigned long set, clear;
} flag_options[] = {
	{"async", 0, MS_SYNCHRONOUS},
	{"atime", 0, MS_NOATIME},
	{"bind", MS_BIND, 0},
	{"dev", 0, MS_NODEV},
	{"diratime", 0, MS_NODIRATIME},
	{"dirsync", MS_DIRSYNC, 0},
	{"exec", 0, MS_NOEXEC},
	{"mand", MS_MANDLOCK, 0},
	{"noatime", MS_NOATIME, 0},
	{"nodev", MS_NODEV, 0},
	{"nodiratime", MS_NODIRATIME, 0},
	{"noexec", MS_NOEXEC, 0},
	{"nomand", 0, MS_MANDLOCK},
	{"norelatime", 0, MS_RELATIME},
	{"nostrictatime", 0, MS_STRICTATIME},
	{"nosuid", MS_NOSUID, 0},
	{"rbind", MS_BIND | MS_REC, 0},
	{"relatime", MS_RELATIME, 0},
	{"remount", MS_REMOUNT, 0},
	{"ro", MS_RDONLY, 0},
	{"rw", 0, MS_RDONLY},
	{"strictatime", MS_STRICTATIME, 0},
	{"suid", 0, MS_NOSUID},
	{"sync", MS_SYNCHRONOUS, 0},
};

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/*
 * Options that need more than mount(2), and those the daemon should have acted on: refusing them is better than mounting
 * something else. True when the option is one of them.
 */
static bool refuse(struct mount_options *m, const char *option)
{
	bool internal = starts(option, "X-containerd.");
	if (!internal && strcmp(option, "loop"))
		return false;
	if (m->refused.len)
		return true;
	if (internal)
		buf_fmt(&m->refused, "internal mount option \"%s\" was not consumed by the mount manager", option);
	else
		buf_fmt(&m->refused, "mount option %s is not supported: not implemented", option);
	m->refused_as = internal ? RPC_UNKNOWN : RPC_UNIMPLEMENTED;
	return true;
}

static void refuse_map(struct mount_options *m, enum rpc_code code, const char *what, const char *about)
{
	if (m->refused.len)
		return;
	buf_fmt(&m->refused, "%s%s", what, about);
	m->refused_as = code;
}

/* True when the option is a map of owners. */
static bool take_map(struct mount_options *m, const char *option)
{
	bool uid = starts(option, "uidmap=");
	if (!uid && !starts(option, "gidmap="))
		return false;
	struct buf *map = uid ? &m->uids : &m->gids;
	map->len = 0;
	if (!id_map_lines(map, option + 7))
		refuse_map(m, RPC_INVALID_ARGUMENT, "not container-id:host-id:size: invalid argument: mount option ", option);
	return true;
}

void mount_option(struct mount_options *m, const char *option)
{
	for (size_t i = 0; i < sizeof flag_options / sizeof *flag_options; i++)
		if (!strcmp(option, flag_options[i].name)) {
			m->flags = (m->flags | flag_options[i].set) & ~flag_options[i].clear;
			return;
		}
	if (!strcmp(option, "defaults") || take_map(m, option) || refuse(m, option))
		return;
	if (m->data.len)
		buf_byte(&m->data, ',');
	buf_str(&m->data, option);
}

void mount_type(struct mount_options *m, const char *type)
{
	bool mapped = m->uids.len || m->gids.len;
	if (mapped && (!m->uids.len || !m->gids.len))
		refuse_map(m, RPC_INVALID_ARGUMENT, "mount options uidmap and gidmap go together: invalid argument", "");
	else if (mapped && !(m->flags & MS_BIND) && strcmp(type, "overlay"))
		refuse_map(m, RPC_UNIMPLEMENTED, "owners cannot be mapped: not implemented: mount type ", type);
	if (!starts(type, "fuse.") && !starts(type, "fuse3."))
		return;
	m->refused.len = 0;
	buf_fmt(&m->refused, "mount type %s is not supported: not implemented", type);
	m->refused_as = RPC_UNIMPLEMENTED;
}

void mount_options_free(struct mount_options *m)
{
	buf_free(&m->data);
	buf_free(&m->refused);
	buf_free(&m->uids);
	buf_free(&m->gids);
}
