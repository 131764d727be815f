/*
 * A bounded queue of large blocks between one thread that fills them and one that empties them, so that decompressing
 * and writing go on at the same time without ever holding more than a few blocks.
 */
#ifndef GANTRY_BLOCK_PIPE_H
#define GANTRY_BLOCK_PIPE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_PIPE_BLOCKS = 8, BLOCK_PIPE_BLOCK_SIZE = 256 * 1024 };

struct block_pipe {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint8_t *memory;
  size_t lengths[BLOCK_PIPE_BLOCKS];
  unsigned first; /* the oldest filled block */
  unsigned count; /* filled blocks, with the one being emptied */
  bool emptying;  /* the oldest block is in the consumer's hands */
  bool finished;  /* no more blocks will be filled */
  bool stopped;   /* nobody will empty any more blocks */
};

/* False if there is no memory. */
bool block_pipe_open(struct block_pipe *pipe);
void block_pipe_close(struct block_pipe *pipe);

/* For the filler: a free block of BLOCK_PIPE_BLOCK_SIZE bytes, waiting for one; NULL once the consumer has stopped. */
uint8_t *block_pipe_reserve(struct block_pipe *pipe);
/* Hands over the reserved block with that many bytes in it. */
void block_pipe_publish(struct block_pipe *pipe, size_t length);
/* After the last block. */
void block_pipe_finish(struct block_pipe *pipe);

/* For the consumer: the next block, waiting for it; the one before is free again. 0 once all have been seen. */
size_t block_pipe_next(struct block_pipe *pipe, const uint8_t **block);
/* The consumer takes no more. */
void block_pipe_stop(struct block_pipe *pipe);
bool block_pipe_stopped(struct block_pipe *pipe);

#endif
