/*
 * Walking names step by step inside a layer's target. See resolve.h.
 * man pages: openat2(2), readlinkat(2), mkdirat(2)
 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inherit.h"
#include "openat2.h"

/* As many as the kernel follows: what lies behind more of them, no process could reach. */
enum { MAX_LINKS = 40 };

struct step {
  dev_t device;
  ino_t inode;
  size_t path_length; /* of `path` up to here */
};

struct walk {
  struct layer *layer;
  bool create;
  struct directory *here;
  struct step *steps; /* directories gone through; the last one is `here` unless names are missing */
  size_t depth, capacity;
  char *path; /* without symbolic links, from the root; goes on through the missing names */
  size_t path_length;
  size_t missing; /* names at the end of `path` that do not exist */
  unsigned links;
};

static int open_step(int directory, const char *name) {
  return openat2(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

static int append_name(struct walk *walk, const char *name) {
  size_t length = strlen(name);
  char *path = realloc(walk->path, walk->path_length + length + 2);
  if (path == NULL) return ENOMEM;
  walk->path = path;
  if (walk->path_length > 0) path[walk->path_length++] = '/';
  memcpy(path + walk->path_length, name, length + 1);
  walk->path_length += length;
  return 0;
}

/* Stands in `directory` from now on; takes it over. */
static int enter(struct walk *walk, struct directory *directory) {
  if (walk->depth == walk->capacity) {
    size_t capacity = walk->capacity == 0 ? 16 : 2 * walk->capacity;
    struct step *steps = realloc(walk->steps, capacity * sizeof *steps);
    if (steps == NULL) {
      directory_release(directory);
      return ENOMEM;
    }
    walk->steps = steps;
    walk->capacity = capacity;
  }
  walk->steps[walk->depth++] = (struct step){directory->device, directory->inode, walk->path_length};
  directory_release(walk->here);
  walk->here = directory;
  return 0;
}

static int enter_root(struct walk *walk) {
  int fd = fcntl(walk->layer->root, F_DUPFD_CLOEXEC, 0);
  struct directory *root = fd < 0 ? NULL : directory_new(fd);
  if (root == NULL) return errno;
  walk->depth = 0;
  walk->path_length = 0;
  walk->missing = 0;
  return enter(walk, root);
}

static void drop_name(struct walk *walk) {
  while (walk->path_length > 0 && walk->path[--walk->path_length] != '/') {
  }
}

/* "..": the kernel's, checked to be the directory the walk came through, in case this one was moved. */
static int go_up(struct walk *walk) {
  if (walk->missing > 0) {
    walk->missing--;
    drop_name(walk);
    return 0;
  }
  if (walk->depth == 1) return 0;
  struct step above = walk->steps[walk->depth - 2];
  int fd = openat(walk->here->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct directory *directory = fd < 0 ? NULL : directory_new(fd);
  if (directory == NULL) return errno;
  if (directory->device != above.device || directory->inode != above.inode) {
    directory_release(directory);
    return ESTALE;
  }
  walk->depth -= 2;
  walk->path_length = above.path_length;
  return enter(walk, directory);
}

/* Counts what has been passed as this layer's, so that an opaque mark beside it does not take it away. */
static int mark(struct walk *walk, const char *name) {
  if (!walk->create) return 0;
  bool added = entry_set_add(&walk->layer->written, walk->here->device, walk->here->inode, name);
  return added ? 0 : ENOMEM;
}

static int go_down(struct walk *walk, const char *name, int fd) {
  int error = mark(walk, name);
  struct directory *directory = error != 0 ? NULL : directory_new(fd);
  if (error != 0) close(fd);
  if (directory == NULL) return error != 0 ? error : errno;
  error = append_name(walk, name);
  if (error == 0) return enter(walk, directory);
  directory_release(directory);
  return error;
}

/* Puts a link's target in front of the names still to be walked, which start at `*position` of `*rest`. */
static int follow(struct walk *walk, const char *name, char **rest, size_t *position) {
  char target[PATH_MAX];
  ssize_t length = readlinkat(walk->here->fd, name, target, sizeof target);
  if (length < 0) return errno == EINVAL ? ENOTDIR : errno;
  if (++walk->links > MAX_LINKS) return ELOOP;
  const char *remaining = *rest + *position;
  char *longer = malloc((size_t)length + strlen(remaining) + 2);
  if (longer == NULL) return ENOMEM;
  memcpy(longer, target, (size_t)length);
  longer[length] = '/';
  strcpy(longer + length + 1, remaining);
  free(*rest);
  *rest = longer;
  *position = 0;
  return longer[0] == '/' ? enter_root(walk) : 0;
}

static int step(struct walk *walk, const char *name, char **rest, size_t *position) {
  if (name[0] == '\0' || strcmp(name, ".") == 0) return 0;
  if (strcmp(name, "..") == 0) return go_up(walk);
  if (walk->missing == 0) {
    int fd = open_step(walk->here->fd, name);
    if (fd >= 0) return go_down(walk, name, fd);
    if (errno == ELOOP || errno == ENOTDIR) return follow(walk, name, rest, position);
    if (errno != ENOENT) return errno;
  }
  walk->missing++;
  return append_name(walk, name);
}

static int walk_names(struct walk *walk, const char *path) {
  char *rest = strdup(path);
  size_t position = 0;
  int error = rest == NULL ? ENOMEM : 0;
  while (error == 0 && rest[position] != '\0') {
    size_t length = strcspn(rest + position, "/");
    char *name = strndup(rest + position, length);
    position += length;
    if (rest[position] == '/') position++;
    error = name == NULL ? ENOMEM : step(walk, name, &rest, &position);
    free(name);
  }
  free(rest);
  return error;
}

/* Attributes only for a directory this call made: one that somebody else made meanwhile keeps its own. */
static int make_directory(struct walk *walk, const char *name) {
  bool made = mkdirat(walk->here->fd, name, 0755) == 0;
  if (!made && errno != EEXIST) return errno;
  int fd = open_step(walk->here->fd, name);
  if (fd < 0) return errno;
  int error = go_down(walk, name, fd);
  if (made) walk->layer->implied_directories++;
  return error == 0 && made ? inherit_attributes(walk->layer, walk->path, walk->here->fd) : error;
}

/* Makes the names at the end of the path that do not exist. */
static int make_missing(struct walk *walk) {
  size_t count = walk->missing;
  char *names = strdup(walk->path);
  if (names == NULL) return ENOMEM;
  walk->missing = 0;
  walk->path_length = walk->steps[walk->depth - 1].path_length;
  char *name = names + walk->path_length + (walk->path_length > 0);
  int error = 0;
  for (size_t i = 0; i < count && error == 0; i++) {
    char *slash = strchrnul(name, '/');
    char after = *slash;
    *slash = '\0';
    error = make_directory(walk, name);
    *slash = after;
    name = slash + 1;
  }
  free(names);
  return error;
}

/* One step down from the cached directory above: what most walks come to. */
static struct directory *resolve_from_cache(struct layer *layer, const char *path, bool create) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) return NULL;
  char *above = strndup(path, (size_t)(slash - path));
  struct directory *parent = above == NULL ? NULL : directory_cache_get(&layer->cache, above);
  free(above);
  if (parent == NULL) return NULL;
  struct directory *found = NULL;
  int fd = open_step(parent->fd, slash + 1);
  if (fd >= 0) {
    if (!create || entry_set_add(&layer->written, parent->device, parent->inode, slash + 1)) found = directory_new(fd);
    else close(fd);
  }
  directory_release(parent);
  return found;
}

static int resolve_from_root(struct layer *layer, const char *path, bool create, struct directory **found) {
  struct walk walk = {.layer = layer, .create = create};
  int error = enter_root(&walk);
  if (error == 0) error = walk_names(&walk, path);
  if (error == 0 && walk.missing > 0) error = create ? make_missing(&walk) : ENOENT;
  free(walk.steps);
  free(walk.path);
  if (error == 0) *found = walk.here;
  else directory_release(walk.here);
  return error;
}

int resolve_directory(struct layer *layer, const char *path, enum resolve_mode mode, struct directory **found) {
  bool create = mode == RESOLVE_CREATING;
  *found = directory_cache_get(&layer->cache, path);
  if (*found != NULL) return 0;
  *found = resolve_from_cache(layer, path, create);
  if (*found == NULL) {
    int error = resolve_from_root(layer, path, create, found);
    if (error != 0) return error;
  }
  /* Looking up alone marks nothing as written: later on, creating must not take it from the cache. */
  if (create || layer->entries_done) directory_cache_put(&layer->cache, path, *found);
  return 0;
}
