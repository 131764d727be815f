#include "mount-api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"

enum {
	CALL_CLOEXEC = 1, /* FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC */
	TREE_CLONE = 1,
	TREE_CLOEXEC = O_CLOEXEC,
	TREE_RECURSIVE = 0x8000, /* AT_RECURSIVE */
	EMPTY_PATH = 0x1000, /* AT_EMPTY_PATH */
	MOVE_FROM_EMPTY = 4, /* MOVE_MOUNT_F_EMPTY_PATH */
	SET_FLAG = 0,
	SET_STRING = 1,
	SET_FD = 5,
	CREATE = 6,
	ATTR_IDMAP = 0x00100000,
	STRING_MAX = 255,
};

/* struct mount_attr of mount_setattr(2). */
struct attributes {
	uint64_t set, clear, propagation, user_namespace;
};

static const struct {
	unsigned long flag;
	unsigned attribute;
} attributes_of[] = {
	{MS_RDONLY, 0x1}, {MS_NOSUID, 0x2}, {MS_NODEV, 0x4}, {MS_NOEXEC, 0x8},
	{MS_NOATIME, 0x10}, {MS_STRICTATIME, 0x20}, {MS_NODIRATIME, 0x80},
};

static unsigned attributes(unsigned long flags)
{
	unsigned set = 0;
	for (size_t i = 0; i < sizeof attributes_of / sizeof *attributes_of; i++)
		if (flags & attributes_of[i].flag)
			set |= attributes_of[i].attribute;
	/* One or the other: noatime wins, as in mount(2). */
	return (set & 0x30) == 0x30 ? set & ~0x20U : set;
}

static int attach(int mount, const char *target)
{
	return (int)syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_FROM_EMPTY);
}

int mount_tree(const char *source, const char *target, unsigned long flags, int user_namespace)
{
	unsigned recursive = flags & MS_REC ? TREE_RECURSIVE : 0;
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, TREE_CLONE | TREE_CLOEXEC | recursive);
	if (tree < 0)
		return -1;
	struct attributes flag_set = {.set = attributes(flags)}, id_map = {.set = ATTR_IDMAP};
	id_map.user_namespace = (uint64_t)user_namespace;
	int r = 0;
	if (user_namespace >= 0)
		r = (int)syscall(SYS_mount_setattr, tree, "", EMPTY_PATH | recursive, &id_map, sizeof id_map);
	if (!r && flag_set.set)
		r = (int)syscall(SYS_mount_setattr, tree, "", EMPTY_PATH, &flag_set, sizeof flag_set);
	if (!r)
		r = attach(tree, target);
	int saved = errno;
	close_fd(&tree);
	errno = saved;
	return r;
}

static int set(int context, const char *key, const char *value)
{
	if (!value)
		return (int)syscall(SYS_fsconfig, context, SET_FLAG, key, NULL, 0);
	if (strlen(value) <= STRING_MAX)
		return (int)syscall(SYS_fsconfig, context, SET_STRING, key, value, 0);
	int fd = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int r = (int)syscall(SYS_fsconfig, context, SET_FD, key, NULL, fd), saved = errno;
	close_fd(&fd);
	errno = saved;
	return r;
}

/* Cuts *at at the next separator that no backslash stands before, takes those backslashes out, and steps over it. */
static char *next_part(char **at, char separator)
{
	char *start = *at, *to = *at;
	if (!start)
		return NULL;
	for (; **at && **at != separator; (*at)++) {
		if (**at == '\\' && (*at)[1] == separator)
			(*at)++;
		*to++ = **at;
	}
	bool last = !**at;
	*to = 0;
	*at = last ? NULL : *at + 1;
	return start;
}

static int set_option(int context, char *option)
{
	if (!*option)
		return 0;
	char *value = strchr(option, '=');
	if (value)
		*value++ = 0;
	if (!value || strcmp(option, "lowerdir"))
		return set(context, option, value);
	const char *key = "lowerdir+";
	for (char *lower; (lower = next_part(&value, ':'));) {
		if (!*lower)
			key = "datadir+"; /* what follows "::" holds data only */
		else if (set(context, key, lower))
			return -1;
	}
	return 0;
}

static int set_all(int context, const char *source, unsigned long flags, char *options)
{
	if ((*source && set(context, "source", source)) || (flags & MS_RDONLY && set(context, "ro", NULL)))
		return -1;
	for (char *option; (option = next_part(&options, ','));)
		if (set_option(context, option))
			return -1;
	return (int)syscall(SYS_fsconfig, context, CREATE, NULL, NULL, 0);
}

int mount_overlay_by_parts(const char *source, const char *target, unsigned long flags, const char *options)
{
	char *copy = strdup(options);
	int context = copy ? (int)syscall(SYS_fsopen, "overlay", CALL_CLOEXEC) : -1, mounted = -1;
	if (context >= 0 && !set_all(context, source, flags, copy))
		mounted = (int)syscall(SYS_fsmount, context, CALL_CLOEXEC, attributes(flags));
	int r = mounted < 0 ? -1 : attach(mounted, target), saved = errno;
	close_fd(&mounted);
	close_fd(&context);
	free(copy);
	errno = saved;
	return r;
}
