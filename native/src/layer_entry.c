/*
 * One entry: its names, its limits, and who puts it where it belongs. See layer_entry.h.
 * man pages: archive_entry(3)
 */
#include "layer_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "metadata.h"
#include "remove_entry.h"
#include "resolve.h"
#include "whiteout.h"

bool layer_fail(struct layer *layer, int error, const char *syscall, const char *path) {
  job_fail(layer->job, error, syscall, path);
  return false;
}

bool layer_refuse(struct layer *layer, int error, const char *path, const char *words) {
  job_fail(layer->job, error, "entry", path);
  job_detail(layer->job, "%s", words);
  return false;
}

bool layer_entry_clear(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  char *failed = NULL;
  int error = remove_entry(parent->fd, entry->name, layer->cancel, &failed);
  free(failed);
  /* Cached directories may have lain below it, or have been found through it. */
  directory_cache_clear(&layer->cache);
  return error == 0 || layer_fail(layer, error, "unlinkat", entry->path);
}

static bool read_names(struct layer *layer, struct layer_entry *entry) {
  const char *path = archive_entry_pathname(entry->header);
  if (path == NULL) return layer_refuse(layer, EINVAL, "", "has no name");
  if (strlen(path) > (size_t)layer->limits.max_name_bytes)
    return layer_refuse(layer, EINVAL, "", "name is longer than allowed");
  entry->path = clean_path(path);
  if (entry->path == NULL) return layer_fail(layer, ENOMEM, "entry", path);
  const char *slash = strrchr(entry->path, '/');
  entry->name = slash == NULL ? entry->path : slash + 1;
  entry->parent = strndup(entry->path, slash == NULL ? 0 : (size_t)(slash - entry->path));
  return entry->parent != NULL || layer_fail(layer, ENOMEM, "entry", entry->path);
}

/* A body where there can be none: readers disagree on whether the next header follows at once or after the body. */
static bool has_impossible_body(const struct layer_entry *entry) {
  bool regular = entry->type == S_IFREG && archive_entry_hardlink(entry->header) == NULL;
  return !regular && archive_entry_size(entry->header) > 0;
}

static bool make(struct layer *layer, const struct layer_entry *entry, struct directory *parent,
                 struct tar_source *source) {
  if (archive_entry_hardlink(entry->header) != NULL) return entry_link_make(layer, entry, parent);
  if (entry->type == S_IFREG) return entry_file_make(layer, entry, parent, source);
  if (entry->type == S_IFDIR) return entry_directory_make(layer, entry, parent);
  return entry_node_make(layer, entry, parent);
}

static bool place(struct layer *layer, const struct layer_entry *entry, struct directory *parent,
                  struct tar_source *source) {
  enum whiteout kind = whiteout_kind(entry->name);
  if (kind == WHITEOUT_AUFS_METADATA) return true;
  if (kind != NOT_A_WHITEOUT) return whiteout_apply(layer, entry, parent);
  if (!make(layer, entry, parent, source)) return false;
  return entry_set_add(&layer->written, parent->device, parent->inode, entry->name) ||
         layer_fail(layer, ENOMEM, "entry", entry->path);
}

bool layer_entry_apply(struct layer *layer, struct tar_source *source, struct archive_entry *header) {
  struct layer_entry entry = {.header = header};
  bool done = false;
  if (++layer->entries > layer->limits.max_entries) return layer_refuse(layer, EFBIG, "", "more entries than allowed");
  if (read_names(layer, &entry) && metadata_read(layer, &entry)) {
    struct directory *parent = NULL;
    int error = 0;
    if (has_impossible_body(&entry)) done = layer_refuse(layer, EINVAL, entry.path, "has data but is no regular file");
    else if (entry.path[0] == '\0') done = true; /* the root belongs to whoever made the target */
    else if ((error = resolve_directory(layer, entry.parent, RESOLVE_CREATING, &parent)) != 0)
      done = layer_fail(layer, error, "open parent directory of", entry.path);
    else done = place(layer, &entry, parent, source);
    directory_release(parent);
  }
  free(entry.path);
  free(entry.parent);
  return done;
}
