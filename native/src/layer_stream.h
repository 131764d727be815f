/*
 * The bytes of a layer: read, decompressed and hashed on a thread of their own, for another thread to consume.
 */
#ifndef GANTRY_LAYER_STREAM_H
#define GANTRY_LAYER_STREAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "block_pipe.h"
#include "decoder.h"
#include "sha256.h"
#include "write_behind.h"

struct layer_source {
  int fd;           /* the stream's; not closed by it */
  int64_t offset;   /* where the layer starts; -1 reads on from wherever the descriptor stands, as for a pipe */
  int64_t length;   /* in bytes; -1 reads to the end */
  int growth_fd;    /* a pipe that tells, by a byte, that the file at `offset` has grown, by its end that it is whole; or -1 */
  enum compression compression;
};

struct layer_stream_limits {
  int64_t max_size;  /* uncompressed bytes */
  int64_t max_ratio; /* uncompressed to compressed bytes, once the former are more than LAYER_RATIO_FLOOR */
};

/* Small layers may be as dense as they like. */
#define LAYER_RATIO_FLOOR ((int64_t)1 << 30)

struct layer_stream {
  struct layer_source source;
  struct layer_stream_limits limits;
  const int32_t *cancel;
  struct block_pipe pipe;
  pthread_t thread;
  uint8_t *input;
  struct decoder *decoder;
  struct write_behind *files;

  struct sha256_ctx compressed, uncompressed;
  int64_t compressed_size, size;

  /* Valid once block_pipe_next has returned 0 or the stream is closed: 0, or an errno value with words for it. */
  int error;
  const char *message;
};

/* Starts reading, and works on the files when there is nothing more to read. 0 or an errno value; after a failure there is nothing to close. */
int layer_stream_open(struct layer_stream *stream, const struct layer_source *source,
                      const struct layer_stream_limits *limits, const int32_t *cancel, struct write_behind *files);
/* Gives up what was not consumed, and waits for the thread; no more files must come. */
void layer_stream_close(struct layer_stream *stream);

#endif
