/*
 * Finding, and where asked making, directories of a layer's target by names that nobody vouches for.
 *
 * Every step opens one name in one open directory and follows nothing; symbolic links are read and their targets walked
 * the same way, as if the target directory were "/". So no name, whatever links it goes through and whoever swaps them
 * meanwhile, leads out of the target. As with containerd, ".." after a name that does not exist takes that name back.
 */
#ifndef GANTRY_RESOLVE_H
#define GANTRY_RESOLVE_H

#include "layer.h"

enum resolve_mode {
  RESOLVE_EXISTING,
  /*
   * Missing directories are made with mode 0755, or the attributes they have in the layers below, and every directory
   * passed counts as written by this layer.
   */
  RESOLVE_CREATING,
};

/* Finds the directory at a canonical path, held for the caller. 0 or an errno value. */
int resolve_directory(struct layer *layer, const char *path, enum resolve_mode mode, struct directory **found);

/* Lexically canonical form of a path, relative to the root: "/a/../b//./c/" gives "b/c". NULL if there is no memory. */
char *clean_path(const char *path);

#endif
