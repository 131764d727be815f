/*
 * Files that have been made and whose data the disk is to be set to work on, between the thread that makes them and one
 * that has nothing better to do. It only begins, and what it does not get to is left to the sync that follows.
 */
#ifndef GANTRY_WRITE_BEHIND_H
#define GANTRY_WRITE_BEHIND_H

#include <pthread.h>
#include <stdbool.h>

/* Each holds a descriptor meanwhile. */
enum { WRITE_BEHIND_FILES = 128 };

struct write_behind {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int fds[WRITE_BEHIND_FILES];
  unsigned first, count;
  bool ended; /* no more files will come */
  int error;  /* of the first file that could not be closed, an errno value; 0 for none */
};

void write_behind_open(struct write_behind *files);
/* Of an ended one that nobody works on; closes what is left. */
void write_behind_close(struct write_behind *files);

/* Takes over a file to begin writing it to the disk and close it. False if that is up to the caller: there are too many. */
bool write_behind_add(struct write_behind *files, int fd);
/* After the last file. */
void write_behind_end(struct write_behind *files);
/* Works on the files until there are no more. Any number of threads may. */
void write_behind_work(struct write_behind *files);

#endif
