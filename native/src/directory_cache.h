/*
 * Open directories of a layer's target, counted by reference, and a small cache of those used last: entries of one
 * directory mostly follow one another.
 *
 * A cached directory is only right while the names that lead to it lead to it: whoever removes a directory or a
 * symbolic link must empty the cache (directory_cache_clear).
 */
#ifndef GANTRY_DIRECTORY_CACHE_H
#define GANTRY_DIRECTORY_CACHE_H

#include <sys/types.h>

struct directory {
  int fd; /* open for reading */
  dev_t device;
  ino_t inode;
  unsigned references;
};

enum { DIRECTORY_CACHE_SIZE = 16 };

struct directory_cache {
  struct {
    char *path;
    struct directory *directory;
    unsigned long used;
  } slots[DIRECTORY_CACHE_SIZE];
  unsigned long clock;
};

/* Wraps an open directory, taking the descriptor over; NULL and errno on failure, with the descriptor closed. */
struct directory *directory_new(int fd);
struct directory *directory_hold(struct directory *directory);
void directory_release(struct directory *directory);

/* The directory cached for the path, held for the caller; or NULL. */
struct directory *directory_cache_get(struct directory_cache *cache, const char *path);
void directory_cache_put(struct directory_cache *cache, const char *path, struct directory *directory);
void directory_cache_clear(struct directory_cache *cache);

#endif
