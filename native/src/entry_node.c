/*
 * Symbolic links, devices and fifos.
 * man pages: symlinkat(2), mknodat(2), makedev(3)
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "layer_entry.h"
#include "metadata.h"

/* What the kernel's device numbers have room for. */
enum { MAX_MAJOR = (1 << 12) - 1, MAX_MINOR = (1 << 20) - 1 };

static int create(const struct layer_entry *entry, const struct directory *parent) {
  if (entry->type == S_IFLNK) return symlinkat(archive_entry_symlink(entry->header), parent->fd, entry->name);
  dev_t device = 0;
  if (entry->type != S_IFIFO)
    device = makedev((unsigned)archive_entry_rdevmajor(entry->header), (unsigned)archive_entry_rdevminor(entry->header));
  return mknodat(parent->fd, entry->name, entry->type | entry->mode, device);
}

static bool check(struct layer *layer, const struct layer_entry *entry) {
  switch (entry->type) {
    case S_IFIFO:
      return true;
    case S_IFLNK:
      return archive_entry_symlink(entry->header) != NULL ||
             layer_refuse(layer, EINVAL, entry->path, "symbolic link without a target");
    case S_IFCHR:
    case S_IFBLK:
      if (archive_entry_rdevmajor(entry->header) <= MAX_MAJOR && archive_entry_rdevminor(entry->header) <= MAX_MINOR)
        return true;
      return layer_refuse(layer, EINVAL, entry->path, "device number is out of range");
    default:
      return layer_refuse(layer, EINVAL, entry->path, "is of no type that a layer can hold");
  }
}

bool entry_node_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent) {
  if (!check(layer, entry)) return false;
  int result = create(entry, parent);
  if (result != 0 && errno == EEXIST) {
    if (!layer_entry_clear(layer, entry, parent)) return false;
    result = create(entry, parent);
  }
  if (result != 0) return layer_fail(layer, errno, entry->type == S_IFLNK ? "symlinkat" : "mknodat", entry->path);
  return metadata_apply_named(layer, entry, parent->fd);
}
