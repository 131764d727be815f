/*
 * Hard links. The name linked to is resolved inside the target like every other; if it is a symbolic link, the link
 * itself is what gets another name.
 * man pages: linkat(2)
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layer_entry.h"
#include "metadata.h"
#include "resolve.h"

/* Looked up anew each time: clearing the link's own name may have taken the directory away. */
static int link_once(struct layer *layer, const char *linked, const struct layer_entry *entry,
                     struct directory *parent) {
  struct directory *from = NULL;
  const char *slash = strrchr(linked, '/');
  char *above = strndup(linked, slash == NULL ? 0 : (size_t)(slash - linked));
  int error = above == NULL ? ENOMEM : resolve_directory(layer, above, RESOLVE_EXISTING, &from);
  if (error == 0 && linkat(from->fd, slash == NULL ? linked : slash + 1, parent->fd, entry->name, 0) != 0)
    error = errno;
  directory_release(from);
  free(above);
  return error;
}

bool entry_link_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  char *linked = clean_path(archive_entry_hardlink(entry->header));
  if (linked == NULL) return layer_fail(layer, ENOMEM, "linkat", entry->path);
  /* The root has no name to be linked by. */
  int error = linked[0] == '\0' ? EPERM : link_once(layer, linked, entry, parent);
  if (error == EEXIST) error = layer_entry_clear(layer, entry, parent) ? link_once(layer, linked, entry, parent) : EEXIST;
  if (error != 0) {
    layer_fail(layer, error, "linkat", entry->path);
    job_detail(layer->job, "hard link to %s", linked);
  }
  free(linked);
  return error == 0 && metadata_apply_named(layer, entry, parent->fd);
}
