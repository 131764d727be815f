/* The newer system calls for mounts, which the C library may not know. man pages: fsopen(2), open_tree(2) */
#pragma once

/* Clones the mount of source onto target with MS_* flags; owners mapped as in the user namespace unless that is -1. */
int mount_tree(const char *source, const char *target, unsigned long flags, int user_namespace);
/*
 * Mounts an overlay with options as in mount(2), a comma between them, however long: each lower directory is handed over
 * by itself. 0, or -1 with errno, ENOSYS for a kernel without the calls.
 */
int mount_overlay_by_parts(const char *source, const char *target, unsigned long flags, const char *options);
