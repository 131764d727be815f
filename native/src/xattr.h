/* Extended attributes of entries. */
#ifndef GANTRY_XATTR_H
#define GANTRY_XATTR_H

#include "layer.h"

/*
 * Sets the attributes in the header on the open file `fd`, or, if `name` is not NULL, on what has that name in the
 * directory `fd`, following no link. Left out, as with containerd: what the file system does not support, `trusted.*`,
 * and `user.*` on anything but files and directories; and, so that no layer can forge them, overlayfs's own.
 * False after recording the failure.
 */
bool xattr_apply(struct layer *layer, const struct layer_entry *entry, int fd, const char *name);

#endif
