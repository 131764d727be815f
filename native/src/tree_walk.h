/*
 * Walking a directory tree of any depth and any content with a constant number of descriptors.
 *
 * The walk never follows a symbolic link, never enters another mount, and notices when a directory it stands in is
 * moved away: it goes up through ".." only into the very directory it came from, or stops with ESTALE.
 * Per directory: `leaf` for every entry that is no directory, then the subdirectories, then `leave`.
 */
#ifndef GANTRY_TREE_WALK_H
#define GANTRY_TREE_WALK_H

#include <stdint.h>
#include <sys/stat.h>

enum { TREE_SKIP = -1 };

struct tree_visitor {
  void *data;
  /* Each returns 0, or an errno value that ends the walk. `directory` is a descriptor of what holds `name`. */
  int (*enter)(void *data, int fd); /* a directory, about to be read; the top one too */
  /* A directory met in `directory`; TREE_SKIP leaves it out. May be NULL. */
  int (*before)(void *data, int directory, const char *name);
  int (*leaf)(void *data, int directory, const char *name);
  /* A directory that has been walked; not called for the top one. EAGAIN: walk it once more. */
  int (*leave)(void *data, int directory, const char *name);
  const int32_t *cancel; /* as arg_cancel_word; may be NULL */
};

/*
 * Walks what is in the directory `top`, which stays open and the caller's. Returns 0 or an errno value; then `*failed`,
 * if not NULL, is a malloc'ed path relative to the top, or NULL.
 */
int tree_walk(int top, const struct tree_visitor *visitor, char **failed);

#endif
