/* Putting the entries of a layer into its target. */
#ifndef GANTRY_LAYER_ENTRY_H
#define GANTRY_LAYER_ENTRY_H

#include "directory_cache.h"
#include "layer.h"
#include "tar_source.h"

/* Applies the entry the source stands at. False after recording the failure. */
bool layer_entry_apply(struct layer *layer, struct tar_source *source, struct archive_entry *header);

/*
 * The makers below put one kind of entry into `parent`, replacing what is there; the caller has made sure that its name
 * is no whiteout. False after recording the failure.
 */
bool entry_file_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent,
                     struct tar_source *source);
bool entry_directory_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent);
bool entry_node_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent);
bool entry_link_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent);

/* Takes away whatever has the entry's name. False after recording the failure. */
bool layer_entry_clear(struct layer *layer, const struct layer_entry *entry, struct directory *parent);

#endif
