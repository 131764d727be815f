/* Small whole-file helpers. */
#pragma once
#include <sys/types.h>

#include "buf.h"

/* Reads at most `max` bytes of path (a larger file is an error, EFBIG). 0, or -1 with errno. */
int file_read(const char *path, size_t max, struct buf *out);
/* Reads what is left of fd, from its current offset. */
int file_read_fd(int fd, size_t max, struct buf *out);
/* Creates or truncates path with mode and writes it whole. 0, or -1 with errno. */
int file_write(const char *path, mode_t mode, const void *data, size_t len);
/* Replaces path atomically and durably: temporary file, fsync, rename. 0, or -1 with errno. */
int file_replace(const char *path, mode_t mode, const void *data, size_t len);
/* The positive decimal number in a pid file; 0 when there is none. */
pid_t file_pid(const char *path);
/* dir + "/" + name in fresh memory; NULL when memory is short. */
char *path_join(const char *dir, const char *name);
/* Creates every missing directory above the last slash of path. 0, or -1 with errno. */
int make_parents(const char *path, mode_t mode);
/* Closes and forgets; -1 is allowed. */
void close_fd(int *fd);
