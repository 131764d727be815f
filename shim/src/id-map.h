/* Mounts that show other owners than their files have, for containers with a user namespace. */
#pragma once
#include <stdbool.h>

#include "buf.h"

/*
 * Adds a map in the kernel's form, lines of "inside outside count", from the form of mount options,
 * `container-id:host-id:size[,...]`. False, adding nothing of use, when it is not that.
 */
bool id_map_lines(struct buf *out, const char *map);
/*
 * Shows the directory source at target with mapped owners; read-only and so on by the MS_* flags. Mounts below source are
 * taken along with MS_REC, mapped as well. 0, or -1 with errno.
 */
int id_map_mount(const char *source, const char *target, unsigned long flags, const char *uids, const char *gids);
