/*
 * Attributes from the layers below. See inherit.h.
 * man pages: openat2(2), flistxattr(2), fgetxattr(2), fsetxattr(2), futimens(3)
 */
#include "inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "openat2.h"

static bool ignorable(int error) {
  return error == ENOTSUP || error == ENODATA || error == EEXIST;
}

static int copy_attribute(int from, int to, const char *name) {
  char value[65536]; /* XATTR_SIZE_MAX */
  ssize_t length = fgetxattr(from, name, value, sizeof value);
  if (length >= 0 && fsetxattr(to, name, value, (size_t)length, XATTR_CREATE) == 0) return 0;
  return ignorable(errno) ? 0 : errno;
}

static int copy_attributes(int from, int to) {
  char names[65536]; /* XATTR_LIST_MAX */
  ssize_t length = flistxattr(from, names, sizeof names);
  if (length < 0) return ignorable(errno) ? 0 : errno;
  for (const char *name = names; name < names + length; name += strlen(name) + 1) {
    /* Those are overlayfs's own notes about the other layer. */
    if (strncmp(name, "trusted.", 8) == 0 || strncmp(name, "user.overlay.", 13) == 0) continue;
    int error = copy_attribute(from, to, name);
    if (error != 0) return error;
  }
  return 0;
}

static int copy_all(int from, const struct stat *status, int to) {
  const struct timespec times[2] = {status->st_atim, status->st_mtim};
  if (fchown(to, status->st_uid, status->st_gid) != 0 || fchmod(to, status->st_mode & 07777) != 0) return errno;
  int error = copy_attributes(from, to);
  if (error != 0) return error;
  return futimens(to, times) != 0 ? errno : 0;
}

int inherit_attributes(struct layer *layer, const char *path, int fd) {
  for (size_t i = 0; i < layer->parent_count; i++) {
    struct stat status;
    int found = openat2(layer->parents[i], path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_DIRECTORY,
                        RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (found < 0 && errno == ENOENT) continue;
    /* Something else lies there, such as a whiteout: the directory is a new one. */
    if (found < 0 && (errno == ENOTDIR || errno == ELOOP)) break;
    if (found < 0) return errno;
    int error = fstat(found, &status) != 0 ? errno : copy_all(found, &status, fd);
    close(found);
    return error;
  }
  /* A directory with the set-group-id bit passes that bit on. */
  return fchmod(fd, 0755) != 0 ? errno : 0;
}
