/*
 * Extended attributes. See xattr.h.
 * man pages: fsetxattr(2), lsetxattr(2), xattr(7), archive_entry(3), proc(5) (/proc/self/fd)
 */
#include "xattr.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static bool has_prefix(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool permitted(const struct layer *layer, const char *attribute) {
  if (has_prefix(attribute, "trusted.")) return false;
  return layer->mode != WHITEOUT_OVERLAY_USER || !has_prefix(attribute, "user.overlay.");
}

static int set(int fd, const char *name, const char *attribute, const void *value, size_t size) {
  if (name == NULL) return fsetxattr(fd, attribute, value, size, 0) != 0 ? errno : 0;
  /* The directory by its descriptor: only the last name is looked up, and a link there is not followed. */
  char *path = NULL;
  if (asprintf(&path, "/proc/self/fd/%d/%s", fd, name) < 0) return ENOMEM;
  int error = lsetxattr(path, attribute, value, size, 0) != 0 ? errno : 0;
  free(path);
  return error;
}

static bool takes_user_attributes(int fd, const char *name) {
  struct stat status;
  int result = name == NULL ? fstat(fd, &status) : fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW);
  return result == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

bool xattr_apply(struct layer *layer, const struct layer_entry *entry, int fd, const char *name) {
  const char *attribute;
  const void *value;
  size_t size;
  if (archive_entry_xattr_reset(entry->header) == 0) return true;
  while (archive_entry_xattr_next(entry->header, &attribute, &value, &size) == ARCHIVE_OK) {
    if (!permitted(layer, attribute)) continue;
    int error = set(fd, name, attribute, value, size);
    if (error == 0 || error == ENOTSUP) continue;
    if (error == EPERM && has_prefix(attribute, "user.") && !takes_user_attributes(fd, name)) continue;
    layer_fail(layer, error, "setxattr", entry->path);
    job_detail(layer->job, "attribute %s", attribute);
    return false;
  }
  return true;
}
