/*
 * Owner, mode and times. See metadata.h.
 *
 * The order matters: changing the owner clears set-user-id bits and capabilities, so it comes before attributes and
 * mode; each is only changed where it differs, so that a hard link does not cost a file its capabilities.
 * man pages: fchown(2), fchmod(2), fstatat(2), futimens(3), proc(5) (/proc/self/fd)
 */
#include "metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xattr.h"

/* Times before 1970, or beyond what 64 bits of nanoseconds hold, become 1970, as with containerd. */
static struct timespec bounded(int64_t seconds, long nanoseconds) {
  if (seconds < 0 || seconds > INT64_MAX / 1000000000) return (struct timespec){0, 0};
  if (nanoseconds < 0 || nanoseconds > 999999999) nanoseconds = 0;
  return (struct timespec){seconds, nanoseconds};
}

static bool earlier(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

bool metadata_read(struct layer *layer, struct layer_entry *entry) {
  struct archive_entry *header = entry->header;
  int64_t uid = archive_entry_uid(header);
  int64_t gid = archive_entry_gid(header);
  /* The last number means "leave it alone" to the kernel. */
  if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
    return layer_refuse(layer, EINVAL, entry->path, "owner is out of range");
  entry->uid = (uid_t)uid;
  entry->gid = (gid_t)gid;
  entry->type = archive_entry_filetype(header);
  entry->mode = archive_entry_perm(header) & 07777;
  entry->times[1] = bounded(archive_entry_mtime(header), archive_entry_mtime_nsec(header));
  entry->times[0] = entry->times[1];
  if (archive_entry_atime_is_set(header)) {
    struct timespec access = bounded(archive_entry_atime(header), archive_entry_atime_nsec(header));
    if (earlier(entry->times[1], access)) entry->times[0] = access;
  }
  return true;
}

bool metadata_apply_open(struct layer *layer, const struct layer_entry *entry, int fd, bool times) {
  struct stat status;
  if (fstat(fd, &status) != 0) return layer_fail(layer, errno, "fstat", entry->path);
  bool owned = status.st_uid == entry->uid && status.st_gid == entry->gid;
  if (!owned && fchown(fd, entry->uid, entry->gid) != 0) return layer_fail(layer, errno, "fchown", entry->path);
  if (!xattr_apply(layer, entry, fd, NULL)) return false;
  bool same_mode = owned && (status.st_mode & 07777) == entry->mode;
  if (!same_mode && fchmod(fd, entry->mode) != 0) return layer_fail(layer, errno, "fchmod", entry->path);
  if (times && futimens(fd, entry->times) != 0) return layer_fail(layer, errno, "futimens", entry->path);
  return true;
}

/* There is no chmod that both takes a name in a directory and follows nothing, but a descriptor can stand for it. */
static bool change_mode(struct layer *layer, const struct layer_entry *entry, int directory) {
  char name[64];
  int fd = openat(directory, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return layer_fail(layer, errno, "open", entry->path);
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int error = chmod(name, entry->mode) != 0 ? errno : 0;
  close(fd);
  return error == 0 || layer_fail(layer, error, "chmod", entry->path);
}

bool metadata_apply_named(struct layer *layer, const struct layer_entry *entry, int directory) {
  struct stat status;
  if (fstatat(directory, entry->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return layer_fail(layer, errno, "fstatat", entry->path);
  bool owned = status.st_uid == entry->uid && status.st_gid == entry->gid;
  if (!owned && fchownat(directory, entry->name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) != 0)
    return layer_fail(layer, errno, "fchownat", entry->path);
  if (!xattr_apply(layer, entry, directory, entry->name)) return false;
  bool same_mode = owned && (status.st_mode & 07777) == entry->mode;
  if (!same_mode && !S_ISLNK(status.st_mode) && !change_mode(layer, entry, directory)) return false;
  if (utimensat(directory, entry->name, entry->times, AT_SYMLINK_NOFOLLOW) != 0)
    return layer_fail(layer, errno, "utimensat", entry->path);
  return true;
}
