/* Owner, mode, extended attributes and times of what an entry made. */
#ifndef GANTRY_METADATA_H
#define GANTRY_METADATA_H

#include "layer.h"

/* Reads owner, mode and times from the header. False after recording the failure. */
bool metadata_read(struct layer *layer, struct layer_entry *entry);

/* For an open file or directory. `times`: set those too. False after recording the failure. */
bool metadata_apply_open(struct layer *layer, const struct layer_entry *entry, int fd, bool times);
/* For whatever else is called entry->name in the directory; a symbolic link itself, not what it leads to. */
bool metadata_apply_named(struct layer *layer, const struct layer_entry *entry, int directory);

#endif
