/* Mounting a container's root file system as containerd describes it. */
#pragma once
#include "pb.h"

enum { MOUNTS_MAX = 64, MOUNT_OPTIONS_MAX = 1024 };

/* Mount flags and data string of a fstab-style option list. */
struct mount_options {
	unsigned long flags;
	struct buf data; /* comma-separated */
	const char *refused; /* an option that cannot be honoured here; NULL when none */
};

void mount_option(struct mount_options *m, const char *option);

/*
 * Mounts every containerd.types.Mount found as field `field` of the message over target, in order. On failure what
 * was mounted is undone, `error` says why, and false is returned.
 */
bool mount_all(const uint8_t *msg, size_t len, uint32_t field, const char *target, struct buf *error);
/* Detaches everything mounted on target; nothing mounted is success. 0, or -1 with errno. */
int unmount_all(const char *target);
