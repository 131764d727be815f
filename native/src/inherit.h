/* Attributes of directories that a layer implies but does not hold. */
#ifndef GANTRY_INHERIT_H
#define GANTRY_INHERIT_H

#include "layer.h"

/*
 * Gives the new directory `fd`, at `path` from the root, owner, mode, times and extended attributes of the directory
 * with that path in the nearest layer below that has something there; mode 0755 if there is none, or no directory.
 * 0 or an errno value.
 */
int inherit_attributes(struct layer *layer, const char *path, int fd);

#endif
