#include <string.h>
#include <sys/mount.h>

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

/* Options that need more than mount(2); refusing them is better than mounting something else. */
static const char *const unsupported[] = {"loop", "uidmap=", "gidmap=", "X-containerd."};

void mount_option(struct mount_options *m, const char *option)
{
	for (size_t i = 0; i < sizeof flag_options / sizeof *flag_options; i++)
		if (!strcmp(option, flag_options[i].name)) {
			m->flags = (m->flags | flag_options[i].set) & ~flag_options[i].clear;
			return;
		}
	for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
		if (!strncmp(option, unsupported[i], strlen(unsupported[i])) && (i || !option[4]))
			m->refused = unsupported[i];
	if (!strcmp(option, "defaults"))
		return;
	if (m->data.len)
		buf_byte(&m->data, ',');
	buf_str(&m->data, option);
}
