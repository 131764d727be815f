/* Overlays with more lower directories than mount(2) takes, or with mapped owners. */
#pragma once

/* As mount(2) with type overlay, but with options of any length. */
int overlay_mount(const char *source, const char *target, unsigned long flags, const char *options);
/*
 * The same, the lower directories showing owners mapped by uids and gids, in the kernel's form: they are mounted, mapped,
 * beside target until the overlay has them. 0, or -1 with errno; EXDEV when they have no directory in common.
 */
int overlay_mount_mapped(const char *source, const char *target, unsigned long flags, const char *options,
			 const char *uids, const char *gids);
