/*
 * Deleting an entry with what is below it. See remove_entry.h.
 * man pages: unlinkat(2), openat2(2)
 */
#include "remove_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "openat2.h"
#include "tree_walk.h"

struct removal {
  unsigned refills; /* how often a directory had entries again after it was emptied */
};

enum { MAX_REFILLS = 100 };

static int enter(void *data, int fd) {
  (void)data;
  (void)fd;
  return 0;
}

static int remove_leaf(void *data, int directory, const char *name) {
  (void)data;
  return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

static int remove_directory(void *data, int directory, const char *name) {
  struct removal *removal = data;
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if (errno == ENOTEMPTY && removal->refills++ < MAX_REFILLS) return EAGAIN;
  return errno;
}

int remove_entry(int directory, const char *name, const int32_t *cancel, char **failed) {
  *failed = NULL;
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR) return errno;
  struct removal removal = {0};
  const struct tree_visitor visitor = {
      .data = &removal, .enter = enter, .leaf = remove_leaf, .leave = remove_directory, .cancel = cancel};
  for (;;) {
    int fd = openat2(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    if (fd < 0) return errno == ENOENT ? 0 : errno == EXDEV ? EBUSY : errno;
    int error = tree_walk(fd, &visitor, failed);
    close(fd);
    if (error == 0) error = remove_directory(&removal, directory, name);
    if (error != EAGAIN) return error;
  }
}
