/*
 * The mount namespace of a fuzzer. See sandbox.h.
 * man pages: unshare(2), mount(2), open_tree(2), mount_setattr(2), move_mount(2)
 */
#include "sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

enum { MAX_WRITABLE = 8 };

static bool failed(const char *what) {
  perror(what);
  return false;
}

/* Takes hold of the directories before their mounts are read-only. The number of them, or -1. */
static int hold(char *list, char *paths[MAX_WRITABLE], int mounts[MAX_WRITABLE]) {
  int count = 0;
  for (char *path = strtok(list, ":"); path != NULL; path = strtok(NULL, ":")) {
    if (count == MAX_WRITABLE) return -1;
    paths[count] = path;
    mounts[count] = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (mounts[count] < 0) {
      perror(path);
      return -1;
    }
    count++;
  }
  return count;
}

bool sandbox_enter(void) {
  const char *variable = getenv("GANTRY_FUZZ_WRITABLE");
  char *list = strdup(variable == NULL ? "" : variable);
  char *paths[MAX_WRITABLE];
  int mounts[MAX_WRITABLE];
  struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
  if (list == NULL || unshare(CLONE_NEWNS) != 0) return failed("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return failed("make / private");
  int count = hold(list, paths, mounts);
  if (count < 0) return false;
  if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &readonly, sizeof readonly) != 0) return failed("make / read-only");
  if (mount("tmpfs", SANDBOX, "tmpfs", MS_NOSUID | MS_NODEV, "size=256m") != 0) return failed(SANDBOX);
  for (int i = 0; i < count; i++)
    if (move_mount(mounts[i], "", AT_FDCWD, paths[i], MOVE_MOUNT_F_EMPTY_PATH) != 0) return failed(paths[i]);
  free(list);
  return true;
}
