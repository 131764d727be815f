/*
 * openat2(2), which the C library does not wrap yet.
 */
#ifndef GANTRY_OPENAT2_H
#define GANTRY_OPENAT2_H

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Opens `path` below `directory`; `resolve` is made of RESOLVE_* bits. -1 and errno on failure. */
static inline int openat2(int directory, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags, .resolve = resolve};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

#endif
