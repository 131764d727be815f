/*
 * Walking a directory tree. See tree_walk.h.
 * man pages: openat2(2), fdopendir(3), readdir(3), fstat(2)
 */
#include "tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "openat2.h"

struct level {
  dev_t device;
  ino_t inode;
  char *name; /* in the level above; NULL for the top */
  char **children;
  size_t child_count, child_capacity;
};

struct walk {
  const struct tree_visitor *visitor;
  struct level *levels;
  size_t depth, capacity; /* `depth` levels are in use; the last one is where the walk stands */
  int here;               /* descriptor of the last level */
  char *failed;           /* the entry of the last level that ended the walk, if it was one */
};

static struct level *last(struct walk *walk) {
  return &walk->levels[walk->depth - 1];
}

static int add_child(struct level *level, const char *name) {
  if (level->child_count == level->child_capacity) {
    size_t capacity = level->child_capacity == 0 ? 16 : 2 * level->child_capacity;
    char **children = realloc(level->children, capacity * sizeof *children);
    if (children == NULL) return ENOMEM;
    level->children = children;
    level->child_capacity = capacity;
  }
  char *copy = strdup(name);
  if (copy == NULL) return ENOMEM;
  level->children[level->child_count++] = copy;
  return 0;
}

static int is_directory(int directory, const struct dirent *entry, bool *answer) {
  struct stat status;
  if (entry->d_type != DT_UNKNOWN) {
    *answer = entry->d_type == DT_DIR;
    return 0;
  }
  if (fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? -1 : errno;
  *answer = S_ISDIR(status.st_mode);
  return 0;
}

static int visit_entry(struct walk *walk, int directory, const struct dirent *entry) {
  bool descend = false;
  if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) return 0;
  int error = is_directory(directory, entry, &descend);
  if (error != 0) return error < 0 ? 0 : error;
  const struct tree_visitor *visitor = walk->visitor;
  if (!descend) error = visitor->leaf(visitor->data, directory, entry->d_name);
  else if (visitor->before != NULL) error = visitor->before(visitor->data, directory, entry->d_name);
  if (error == TREE_SKIP) return 0;
  if (error == 0 && descend) return add_child(last(walk), entry->d_name);
  if (error != 0) walk->failed = strdup(entry->d_name);
  return error;
}

/* Reads the directory the walk stands in: leaves are visited, subdirectories remembered. */
static int scan(struct walk *walk) {
  int copy = openat(walk->here, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (stream == NULL) {
    int error = errno;
    if (copy >= 0) close(copy);
    return error;
  }
  int error = 0;
  while (error == 0) {
    errno = 0;
    const struct dirent *entry = readdir(stream);
    if (entry == NULL) {
      error = errno;
      break;
    }
    error = cancelled(walk->visitor->cancel) ? ECANCELED : visit_entry(walk, dirfd(stream), entry);
  }
  closedir(stream);
  return error;
}

/* Makes the open directory `fd` the last level. Takes `name` over, and `fd` unless it fails. */
static int push(struct walk *walk, int fd, char *name) {
  struct stat status;
  if (fstat(fd, &status) != 0) {
    free(name);
    return errno;
  }
  if (walk->depth == walk->capacity) {
    size_t capacity = walk->capacity == 0 ? 32 : 2 * walk->capacity;
    struct level *levels = realloc(walk->levels, capacity * sizeof *levels);
    if (levels == NULL) {
      free(name);
      return ENOMEM;
    }
    walk->levels = levels;
    walk->capacity = capacity;
  }
  walk->levels[walk->depth++] = (struct level){.device = status.st_dev, .inode = status.st_ino, .name = name};
  walk->here = fd;
  int error = walk->visitor->enter(walk->visitor->data, fd);
  return error != 0 ? error : scan(walk);
}

static int descend(struct walk *walk) {
  struct level *level = last(walk);
  char *name = level->children[--level->child_count];
  int fd = openat2(walk->here, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  if (fd < 0) {
    int error = errno;
    if (error == ENOENT) {
      free(name);
      return 0;
    }
    walk->failed = name;
    return error == EXDEV ? EBUSY : error;
  }
  int above = walk->here;
  size_t depth = walk->depth;
  int error = push(walk, fd, name);
  if (walk->depth == depth) close(fd);
  else if (depth > 1) close(above);
  return error;
}

/* Goes back to the level above, through the kernel, so that no descriptor had to be kept for it. */
static int ascend(struct walk *walk, int top) {
  struct level done = *last(walk);
  const struct level *above = &walk->levels[walk->depth - 2];
  struct stat status;
  int fd = walk->depth == 2 ? top : openat(walk->here, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno;
  if (fstat(fd, &status) != 0 || status.st_dev != above->device || status.st_ino != above->inode) {
    if (fd != top) close(fd);
    return ESTALE;
  }
  close(walk->here);
  walk->here = fd;
  walk->depth--;
  free(done.children);
  int error = walk->visitor->leave(walk->visitor->data, fd, done.name);
  if (error == EAGAIN) error = add_child(last(walk), done.name);
  if (error != 0) walk->failed = done.name;
  else free(done.name);
  return error;
}

static char *failed_path(const struct walk *walk) {
  size_t length = 1 + (walk->failed == NULL ? 0 : strlen(walk->failed));
  for (size_t i = 1; i < walk->depth; i++) length += strlen(walk->levels[i].name) + 1;
  char *path = malloc(length);
  if (path == NULL) return NULL;
  char *end = path;
  for (size_t i = 1; i < walk->depth; i++) {
    end = stpcpy(end, walk->levels[i].name);
    *end++ = '/';
  }
  strcpy(end, walk->failed == NULL ? "" : walk->failed);
  return path;
}

int tree_walk(int top, const struct tree_visitor *visitor, char **failed) {
  struct walk walk = {.visitor = visitor, .here = top};
  int error = push(&walk, top, NULL);
  while (error == 0 && walk.depth > 0) {
    if (cancelled(visitor->cancel)) error = ECANCELED;
    else if (last(&walk)->child_count > 0) error = descend(&walk);
    else if (walk.depth > 1) error = ascend(&walk, top);
    else break;
  }
  if (failed != NULL) *failed = error == 0 ? NULL : failed_path(&walk);
  free(walk.failed);
  if (walk.depth > 1) close(walk.here);
  for (size_t i = 0; i < walk.depth; i++) {
    for (size_t k = 0; k < walk.levels[i].child_count; k++) free(walk.levels[i].children[k]);
    free(walk.levels[i].children);
    free(walk.levels[i].name);
  }
  free(walk.levels);
  return error;
}
