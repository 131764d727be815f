/*
 * A layer that replaces everything below it, for overlayfs. See whiteout.h.
 * man pages: readdir(3), fstat(2)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whiteout.h"

static bool hide_name(struct layer *layer, const struct stat *root, const char *name) {
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return true;
  if (entry_set_has(&layer->written, root->st_dev, root->st_ino, name))
    return whiteout_hide_below(layer, name, layer->root, name);
  return whiteout_make_device(layer, name, layer->root, name);
}

static bool hide_names_of(struct layer *layer, const struct stat *root, int parent) {
  int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL) {
    int error = errno;
    if (fd >= 0) close(fd);
    return layer_fail(layer, error, "opendir", NULL);
  }
  bool done = true;
  const struct dirent *entry;
  while (done && (errno = 0, entry = readdir(stream)) != NULL) done = hide_name(layer, root, entry->d_name);
  if (done && errno != 0) done = layer_fail(layer, errno, "readdir", NULL);
  closedir(stream);
  return done;
}

bool whiteout_hide_parents(struct layer *layer) {
  struct stat root;
  if (!layer->opaque_root || layer->mode == WHITEOUT_PLAIN) return true;
  if (fstat(layer->root, &root) != 0) return layer_fail(layer, errno, "fstat", NULL);
  for (size_t i = 0; i < layer->parent_count; i++)
    if (!hide_names_of(layer, &root, layer->parents[i])) return false;
  return true;
}
