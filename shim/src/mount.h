/* Mounting a container's root file system as containerd describes it. */
#pragma once
#include "pb.h"
#include "ttrpc.h"

enum { MOUNTS_MAX = 64, MOUNT_OPTIONS_MAX = 1024 };

/* Mount flags and data string of a fstab-style option list. */
struct mount_options {
	unsigned long flags;
	struct buf data; /* comma-separated */
	struct buf uids, gids; /* maps of owners in the kernel's form; both empty when there are none */
	struct buf refused; /* why the mount is not tried at all; empty when nothing is against it */
	enum rpc_code refused_as;
};

/* Adds one option. */
void mount_option(struct mount_options *m, const char *option);
/* After all options: refuses a type that a helper program would have to mount, and maps that it cannot have. */
void mount_type(struct mount_options *m, const char *type);
void mount_options_free(struct mount_options *m);

/*
 * Mounts every containerd.types.Mount found as field `field` of the message over target, in order. RPC_OK; on failure
 * what was mounted is undone, `error` says why, and the code to answer with is returned.
 */
enum rpc_code mount_all(const uint8_t *msg, size_t len, uint32_t field, const char *target, struct buf *error);
/* Detaches everything mounted on target; nothing mounted is success. 0, or -1 with errno. */
int unmount_all(const char *target);
/*
 * As unmount_all, but leaves the end of the file system to a child of ours: an overlay that is unmounted has the kernel
 * write out all there is to write on the file system below it, whoever wrote it, which on a busy disk takes seconds. The
 * child ends on its own and is to be reaped.
 */
int unmount_at_once(const char *target);
