/*
 * Deletions: entries called `.wh.NAME` delete NAME of the layers below, `.wh..wh..opq` everything below in its
 * directory. Neither touches what the same layer brings, in whatever order the entries come (OCI image spec, "Whiteouts").
 */
#ifndef GANTRY_WHITEOUT_H
#define GANTRY_WHITEOUT_H

#include "directory_cache.h"
#include "layer.h"

enum whiteout { NOT_A_WHITEOUT, WHITEOUT_ENTRY, WHITEOUT_OPAQUE, WHITEOUT_AUFS_METADATA };

enum whiteout whiteout_kind(const char *name);

/* Applies a WHITEOUT_ENTRY or WHITEOUT_OPAQUE in its directory. False after recording the failure. */
bool whiteout_apply(struct layer *layer, const struct layer_entry *entry, struct directory *parent);

/* Hides what lies below a directory of the target. False after recording the failure. */
bool whiteout_make_opaque(struct layer *layer, const char *path, int fd);

/*
 * For a name that this layer wrote: it stays, but what lies below it in other layers must not show through, if it is a
 * directory. False after recording the failure about `path`.
 */
bool whiteout_hide_below(struct layer *layer, const char *path, int parent, const char *name);

/* Puts overlayfs's mark of a deletion in the place of whatever has the name. False after recording the failure. */
bool whiteout_make_device(struct layer *layer, const char *path, int directory, const char *name);

/*
 * overlayfs does not heed an opaque mark on the root of a layer. After all entries of one that has it: hides every name
 * the roots of the layers below have, as far as they were given. False after recording the failure.
 */
bool whiteout_hide_parents(struct layer *layer);

#endif
