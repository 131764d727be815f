/*
 * Regular files, with their holes.
 * man pages: openat(2), pwrite(2), ftruncate(2), sync_file_range(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer_entry.h"
#include "metadata.h"

/*
 * How much of a file is written before the disk is set to work on it. Smaller files are left to the sync at the commit,
 * which has little to wait for then.
 */
enum { FLUSH_SIZE = 1024 * 1024 };

static int create(const struct layer_entry *entry, const struct directory *parent) {
  return openat(parent->fd, entry->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode & 0777);
}

static int write_all(int fd, const char *bytes, size_t length, int64_t offset) {
  while (length > 0) {
    ssize_t count = pwrite(fd, bytes, length, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? EIO : errno;
    bytes += count;
    length -= (size_t)count;
    offset += count;
  }
  return 0;
}

static bool write_data(struct layer *layer, const struct layer_entry *entry, int fd, struct tar_source *source) {
  int64_t end = 0, flushed = 0;
  for (;;) {
    const void *bytes;
    size_t length;
    int64_t offset;
    enum tar_result result = tar_source_data(source, &bytes, &length, &offset);
    if (result == TAR_FAILED) return layer_refuse(layer, source->error, entry->path, source->message);
    if (result == TAR_END) {
      /* What comes after the last piece is a hole. */
      if (offset > end && ftruncate(fd, offset) != 0) return layer_fail(layer, errno, "ftruncate", entry->path);
      return true;
    }
    int error = write_all(fd, bytes, length, offset);
    if (error != 0) return layer_fail(layer, error, "pwrite", entry->path);
    end = offset + (int64_t)length;
    if (end - flushed < FLUSH_SIZE) continue;
    /* Only begins, and need not succeed: whoever makes the layer permanent waits for the disk and hears of errors. */
    sync_file_range(fd, flushed, end - flushed, SYNC_FILE_RANGE_WRITE);
    flushed = end;
  }
}

bool entry_file_make(struct layer *layer, const struct layer_entry *entry, struct directory *parent,
                     struct tar_source *source) {
  int fd = create(entry, parent);
  if (fd < 0 && errno == EEXIST) {
    if (!layer_entry_clear(layer, entry, parent)) return false;
    fd = create(entry, parent);
  }
  if (fd < 0) return layer_fail(layer, errno, "openat", entry->path);
  bool done = write_data(layer, entry, fd, source) && metadata_apply_open(layer, entry, fd, true);
  if (done && write_behind_add(&layer->files, fd)) return true;
  if (close(fd) != 0 && done) return layer_fail(layer, errno, "close", entry->path);
  return done;
}
