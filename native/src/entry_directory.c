/*
 * Directories. One that is there already is kept with what is in it; its times are set at the end, when nothing more is
 * going to be written into it.
 * man pages: mkdirat(2), openat2(2), fstatat(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer_entry.h"
#include "metadata.h"
#include "openat2.h"
#include "whiteout.h"

static bool remember_times(struct layer *layer, const struct layer_entry *entry) {
  if (layer->directory_count == layer->directory_capacity) {
    size_t capacity = layer->directory_capacity == 0 ? 256 : 2 * layer->directory_capacity;
    struct directory_times *grown = realloc(layer->directories, capacity * sizeof *grown);
    if (grown == NULL) return layer_fail(layer, ENOMEM, "mkdirat", entry->path);
    layer->directories = grown;
    layer->directory_capacity = capacity;
  }
  char *path = strdup(entry->path);
  if (path == NULL) return layer_fail(layer, ENOMEM, "mkdirat", entry->path);
  layer->directories[layer->directory_count++] =
      (struct directory_times){path, {entry->times[0], entry->times[1]}};
  return true;
}

/* Makes the directory unless there is one. `*over_whiteout`: it takes the place of a deletion by this same layer. */
static bool make(struct layer *layer, const struct layer_entry *entry, struct directory *parent, bool *over_whiteout) {
  struct stat status;
  if (mkdirat(parent->fd, entry->name, entry->mode) == 0) return true;
  if (errno != EEXIST) return layer_fail(layer, errno, "mkdirat", entry->path);
  if (fstatat(parent->fd, entry->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return layer_fail(layer, errno, "fstatat", entry->path);
  if (S_ISDIR(status.st_mode)) return true;
  *over_whiteout = layer->mode != WHITEOUT_PLAIN && S_ISCHR(status.st_mode) && status.st_rdev == 0;
  if (!layer_entry_clear(layer, entry, parent)) return false;
  if (mkdirat(parent->fd, entry->name, entry->mode) == 0) return true;
  return layer_fail(layer, errno, "mkdirat", entry->path);
}

bool entry_directory_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  bool over_whiteout = false;
  if (!make(layer, entry, parent, &over_whiteout)) return false;
  int fd = openat2(parent->fd, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) return layer_fail(layer, errno, "openat2", entry->path);
  bool done = metadata_apply_open(layer, entry, fd, false) && remember_times(layer, entry);
  /* The deletion still holds for what the layers below have there. */
  if (done && over_whiteout) done = whiteout_make_opaque(layer, entry->path, fd);
  close(fd);
  return done;
}
