/*
 * Beginning to write files to the disk behind the back of who makes them. See write_behind.h.
 * man pages: sync_file_range(2), pthread_cond_wait(3)
 */
#include "write_behind.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Files that a sleeping worker is woken for: waking it takes longer than each of them. */
enum { WORTH_WAKING = 8 };

void write_behind_open(struct write_behind *files) {
  *files = (struct write_behind){0};
  pthread_mutex_init(&files->lock, NULL);
  pthread_cond_init(&files->changed, NULL);
}

void write_behind_close(struct write_behind *files) {
  for (; files->count > 0; files->count--, files->first = (files->first + 1) % WRITE_BEHIND_FILES)
    close(files->fds[files->first]);
  pthread_cond_destroy(&files->changed);
  pthread_mutex_destroy(&files->lock);
}

bool write_behind_add(struct write_behind *files, int fd) {
  pthread_mutex_lock(&files->lock);
  bool taken = files->count < WRITE_BEHIND_FILES;
  if (taken) {
    files->fds[(files->first + files->count) % WRITE_BEHIND_FILES] = fd;
    files->count++;
    if (files->count == WORTH_WAKING) pthread_cond_signal(&files->changed);
  }
  pthread_mutex_unlock(&files->lock);
  return taken;
}

void write_behind_end(struct write_behind *files) {
  pthread_mutex_lock(&files->lock);
  files->ended = true;
  pthread_cond_broadcast(&files->changed);
  pthread_mutex_unlock(&files->lock);
}

/* -1 once there are no more. */
static int next(struct write_behind *files) {
  int fd = -1;
  pthread_mutex_lock(&files->lock);
  while (files->count == 0 && !files->ended) pthread_cond_wait(&files->changed, &files->lock);
  if (files->count > 0) {
    fd = files->fds[files->first];
    files->first = (files->first + 1) % WRITE_BEHIND_FILES;
    files->count--;
  }
  pthread_mutex_unlock(&files->lock);
  return fd;
}

static void note(struct write_behind *files, int error) {
  pthread_mutex_lock(&files->lock);
  if (files->error == 0) files->error = error;
  pthread_mutex_unlock(&files->lock);
}

void write_behind_work(struct write_behind *files) {
  for (int fd = next(files); fd >= 0; fd = next(files)) {
    /* Need not succeed: whoever makes the layer permanent waits for the disk and hears of errors. */
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (close(fd) != 0) note(files, errno);
  }
}
