/*
 * Open directories and their cache. See directory_cache.h.
 * man pages: fstat(2)
 */
#include "directory_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct directory *directory_new(int fd) {
  struct stat status;
  struct directory *directory = malloc(sizeof *directory);
  if (directory == NULL || fstat(fd, &status) != 0) {
    int error = directory == NULL ? ENOMEM : errno;
    free(directory);
    close(fd);
    errno = error;
    return NULL;
  }
  *directory = (struct directory){fd, status.st_dev, status.st_ino, 1};
  return directory;
}

struct directory *directory_hold(struct directory *directory) {
  directory->references++;
  return directory;
}

void directory_release(struct directory *directory) {
  if (directory == NULL || --directory->references > 0) return;
  close(directory->fd);
  free(directory);
}

struct directory *directory_cache_get(struct directory_cache *cache, const char *path) {
  for (size_t i = 0; i < DIRECTORY_CACHE_SIZE; i++) {
    if (cache->slots[i].path == NULL || strcmp(cache->slots[i].path, path) != 0) continue;
    cache->slots[i].used = ++cache->clock;
    return directory_hold(cache->slots[i].directory);
  }
  return NULL;
}

static void empty_slot(struct directory_cache *cache, size_t index) {
  free(cache->slots[index].path);
  directory_release(cache->slots[index].directory);
  cache->slots[index].path = NULL;
  cache->slots[index].directory = NULL;
}

void directory_cache_put(struct directory_cache *cache, const char *path, struct directory *directory) {
  size_t oldest = 0;
  for (size_t i = 1; i < DIRECTORY_CACHE_SIZE; i++)
    if (cache->slots[i].used < cache->slots[oldest].used) oldest = i;
  char *copy = strdup(path);
  if (copy == NULL) return; /* it is only a cache */
  empty_slot(cache, oldest);
  cache->slots[oldest].path = copy;
  cache->slots[oldest].directory = directory_hold(directory);
  cache->slots[oldest].used = ++cache->clock;
}

void directory_cache_clear(struct directory_cache *cache) {
  for (size_t i = 0; i < DIRECTORY_CACHE_SIZE; i++) {
    empty_slot(cache, i);
    cache->slots[i].used = 0;
  }
}
