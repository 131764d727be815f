/*
 * A user namespace needs a process to be made by; it is gone as soon as the maps are written.
 * man pages: clone3(2), user_namespaces(7)
 */
#include "user_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static bool write_map(pid_t pid, const char *name, const char *map) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  size_t length = strlen(map);
  /* The kernel takes a map in one write or not at all. */
  ssize_t written = write(file, map, length);
  int error = written < 0 ? errno : EINVAL;
  close(file);
  errno = error;
  return written == (ssize_t)length;
}

/*
 * A child that is in a new user namespace and does nothing until it is killed. It must not wait for a descriptor of ours
 * to be closed: a child that another thread forks meanwhile would hold it open, and the other way round.
 */
static pid_t child_in_new_namespace(void) {
  pid_t parent = getpid();
  /* No exit signal: whoever waits for children of this process in general does not hear of this one. */
  struct clone_args how = {.flags = CLONE_NEWUSER};
  pid_t pid = (pid_t)syscall(SYS_clone3, &how, sizeof how);
  if (pid != 0) return pid;
  /* Only what is safe after a fork of a process with threads. */
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  syscall(SYS_close_range, 0, ~0u, 0);
  while (getppid() == parent) pause();
  _exit(0);
}

static int open_namespace(pid_t pid, const char *uid_map, const char *gid_map, const char **failed) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
  *failed = "write uid_map";
  if (!write_map(pid, "uid_map", uid_map)) return -1;
  *failed = "write gid_map";
  if (!write_map(pid, "gid_map", gid_map)) return -1;
  *failed = "open";
  return open(path, O_RDONLY | O_CLOEXEC);
}

int user_namespace(const char *uid_map, const char *gid_map, const char **failed) {
  *failed = "clone3";
  pid_t pid = child_in_new_namespace();
  if (pid < 0) return -1;
  int result = open_namespace(pid, uid_map, gid_map, failed);
  int error = errno;
  kill(pid, SIGKILL);
  while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
    ;
  errno = error;
  return result;
}
