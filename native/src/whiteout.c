/*
 * Deletions, as the whiteout mode has them. See whiteout.h.
 * man pages: mknodat(2), fsetxattr(2); kernel documentation, filesystems/overlayfs
 */
#include "whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "openat2.h"
#include "remove_entry.h"
#include "tree_walk.h"

static const char prefix[] = ".wh.";
static const char metadata_prefix[] = ".wh..wh.";
static const char opaque_name[] = ".wh..wh..opq";

enum whiteout whiteout_kind(const char *name) {
  if (strcmp(name, opaque_name) == 0) return WHITEOUT_OPAQUE;
  if (strncmp(name, metadata_prefix, strlen(metadata_prefix)) == 0) return WHITEOUT_AUFS_METADATA;
  return strncmp(name, prefix, strlen(prefix)) == 0 ? WHITEOUT_ENTRY : NOT_A_WHITEOUT;
}

/* Whether this layer wrote the name in the directory; if that cannot be told, it did not. */
static bool written_in(const struct layer *layer, int directory, const char *name) {
  struct stat status;
  return fstat(directory, &status) == 0 && entry_set_has(&layer->written, status.st_dev, status.st_ino, name);
}

static int visit_directory(void *data, int fd) {
  (void)data;
  (void)fd;
  return 0;
}

static int prune_leaf(void *data, int directory, const char *name) {
  if (written_in(data, directory, name)) return 0;
  return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

static int prune_directory(void *data, int directory, const char *name) {
  struct layer *layer = data;
  char *failed = NULL;
  if (written_in(layer, directory, name)) return 0;
  int error = remove_entry(directory, name, layer->cancel, &failed);
  free(failed);
  return error != 0 ? error : TREE_SKIP;
}

static int leave_directory(void *data, int directory, const char *name) {
  (void)data;
  (void)directory;
  (void)name;
  return 0;
}

/* Removes from a directory all that this layer did not write. */
static bool prune(struct layer *layer, const char *path, int fd) {
  const struct tree_visitor visitor = {
      .data = layer,
      .enter = visit_directory,
      .before = prune_directory,
      .leaf = prune_leaf,
      .leave = leave_directory,
      .cancel = layer->cancel,
  };
  int error = tree_walk(fd, &visitor, NULL);
  directory_cache_clear(&layer->cache);
  return error == 0 || layer_fail(layer, error, "unlinkat", path);
}

bool whiteout_make_opaque(struct layer *layer, const char *path, int fd) {
  if (!prune(layer, path, fd)) return false;
  if (layer->mode == WHITEOUT_PLAIN) return true;
  const char *attribute = layer->mode == WHITEOUT_OVERLAY ? "trusted.overlay.opaque" : "user.overlay.opaque";
  return fsetxattr(fd, attribute, "y", 1, 0) == 0 || layer_fail(layer, errno, "fsetxattr", path);
}

/* The name was written by this layer: it stays, but what lies below it in other layers must not show through. */
bool whiteout_hide_below(struct layer *layer, const char *path, int parent, const char *name) {
  int fd = openat2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) return errno == ENOTDIR || errno == ELOOP || errno == ENOENT || layer_fail(layer, errno, "open", path);
  bool done = whiteout_make_opaque(layer, path, fd);
  close(fd);
  return done;
}

static bool remove_name(struct layer *layer, const char *path, int parent, const char *name) {
  char *failed = NULL;
  int error = remove_entry(parent, name, layer->cancel, &failed);
  free(failed);
  directory_cache_clear(&layer->cache);
  return error == 0 || layer_fail(layer, error, "unlinkat", path);
}

/*
 * overlayfs only hides whiteouts in directories it merges. One that exists in this layer alone would list them; being
 * told that it was copied up, from an origin unknown (an empty value), it looks for them there as well.
 */
static bool mark_as_holding_whiteouts(struct layer *layer, const char *path, int directory) {
  const char *attribute = layer->mode == WHITEOUT_OVERLAY ? "trusted.overlay.origin" : "user.overlay.origin";
  if (strchr(path, '/') == NULL) return true; /* the root is always merged */
  if (fsetxattr(directory, attribute, "", 0, XATTR_CREATE) == 0 || errno == EEXIST) return true;
  return layer_fail(layer, errno, "fsetxattr", path);
}

bool whiteout_make_device(struct layer *layer, const char *path, int directory, const char *name) {
  if (mknodat(directory, name, S_IFCHR, 0) == 0) return mark_as_holding_whiteouts(layer, path, directory);
  if (errno != EEXIST) return layer_fail(layer, errno, "mknodat", path);
  if (!remove_name(layer, path, directory, name)) return false;
  if (mknodat(directory, name, S_IFCHR, 0) != 0) return layer_fail(layer, errno, "mknodat", path);
  return mark_as_holding_whiteouts(layer, path, directory);
}

static bool delete_entry(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  const char *name = entry->name + strlen(prefix);
  if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return layer_refuse(layer, EINVAL, entry->path, "invalid whiteout name");
  if (entry_set_has(&layer->written, parent->device, parent->inode, name))
    return whiteout_hide_below(layer, entry->path, parent->fd, name);
  if (layer->mode == WHITEOUT_PLAIN) return remove_name(layer, entry->path, parent->fd, name);
  if (!whiteout_make_device(layer, entry->path, parent->fd, name)) return false;
  if (fchownat(parent->fd, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) == 0) return true;
  return layer_fail(layer, errno, "fchownat", entry->path);
}

bool whiteout_apply(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  if (whiteout_kind(entry->name) == WHITEOUT_ENTRY) return delete_entry(layer, entry, parent);
  if (entry->parent[0] == '\0') layer->opaque_root = true;
  return whiteout_make_opaque(layer, entry->path, parent->fd);
}
