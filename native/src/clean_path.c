/* The canonical form of a path. See resolve.h. */
#include <stdlib.h>
#include <string.h>

#include "resolve.h"

char *clean_path(const char *path) {
  char *clean = malloc(strlen(path) + 1);
  if (clean == NULL) return NULL;
  char *end = clean;
  while (*path != '\0') {
    size_t length = strcspn(path, "/");
    if (length == 2 && memcmp(path, "..", 2) == 0) {
      while (end > clean && *--end != '/') {
      }
    } else if (length > 0 && !(length == 1 && *path == '.')) {
      if (end > clean) *end++ = '/';
      memcpy(end, path, length);
      end += length;
    }
    path += length;
    if (*path == '/') path++;
  }
  *end = '\0';
  return clean;
}
