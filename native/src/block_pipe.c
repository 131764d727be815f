/*
 * A bounded queue of blocks. See block_pipe.h.
 * man pages: pthread_cond_wait(3)
 */
#include "block_pipe.h"

#include <stdlib.h>

bool block_pipe_open(struct block_pipe *pipe) {
  *pipe = (struct block_pipe){0};
  pipe->memory = malloc((size_t)BLOCK_PIPE_BLOCKS * BLOCK_PIPE_BLOCK_SIZE);
  if (pipe->memory == NULL) return false;
  pthread_mutex_init(&pipe->lock, NULL);
  pthread_cond_init(&pipe->changed, NULL);
  return true;
}

void block_pipe_close(struct block_pipe *pipe) {
  pthread_cond_destroy(&pipe->changed);
  pthread_mutex_destroy(&pipe->lock);
  free(pipe->memory);
}

static uint8_t *block_at(struct block_pipe *pipe, unsigned index) {
  return pipe->memory + (size_t)(index % BLOCK_PIPE_BLOCKS) * BLOCK_PIPE_BLOCK_SIZE;
}

uint8_t *block_pipe_reserve(struct block_pipe *pipe) {
  pthread_mutex_lock(&pipe->lock);
  while (pipe->count == BLOCK_PIPE_BLOCKS && !pipe->stopped) pthread_cond_wait(&pipe->changed, &pipe->lock);
  uint8_t *block = pipe->stopped ? NULL : block_at(pipe, pipe->first + pipe->count);
  pthread_mutex_unlock(&pipe->lock);
  return block;
}

void block_pipe_publish(struct block_pipe *pipe, size_t length) {
  pthread_mutex_lock(&pipe->lock);
  pipe->lengths[(pipe->first + pipe->count) % BLOCK_PIPE_BLOCKS] = length;
  pipe->count++;
  pthread_cond_signal(&pipe->changed);
  pthread_mutex_unlock(&pipe->lock);
}

void block_pipe_finish(struct block_pipe *pipe) {
  pthread_mutex_lock(&pipe->lock);
  pipe->finished = true;
  pthread_cond_signal(&pipe->changed);
  pthread_mutex_unlock(&pipe->lock);
}

size_t block_pipe_next(struct block_pipe *pipe, const uint8_t **block) {
  pthread_mutex_lock(&pipe->lock);
  if (pipe->emptying) {
    pipe->emptying = false;
    pipe->first = (pipe->first + 1) % BLOCK_PIPE_BLOCKS;
    pipe->count--;
    pthread_cond_signal(&pipe->changed);
  }
  while (pipe->count == 0 && !pipe->finished) pthread_cond_wait(&pipe->changed, &pipe->lock);
  size_t length = 0;
  if (pipe->count > 0) {
    pipe->emptying = true;
    *block = block_at(pipe, pipe->first);
    length = pipe->lengths[pipe->first];
  }
  pthread_mutex_unlock(&pipe->lock);
  return length;
}

void block_pipe_stop(struct block_pipe *pipe) {
  pthread_mutex_lock(&pipe->lock);
  pipe->stopped = true;
  pthread_cond_signal(&pipe->changed);
  pthread_mutex_unlock(&pipe->lock);
}

bool block_pipe_stopped(struct block_pipe *pipe) {
  pthread_mutex_lock(&pipe->lock);
  bool stopped = pipe->stopped;
  pthread_mutex_unlock(&pipe->lock);
  return stopped;
}
