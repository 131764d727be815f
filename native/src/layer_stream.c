/*
 * Reading, decompressing and hashing a layer. See layer_stream.h.
 * man pages: pread(2), poll(2), posix_fadvise(2)
 */
#include "layer_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"

enum { INPUT_SIZE = 256 * 1024, POLL_MS = 100 };

/* Of the first block; later ones grow, so that of a small layer, too, files are made while the rest is decompressed. */
enum { FIRST_BLOCK_SIZE = 16 * 1024 };

static bool fail(struct layer_stream *stream, int error, const char *message) {
  stream->error = error;
  stream->message = message;
  return false;
}

/* Waits until a pipe has something to read; gives up, with EPIPE, once nobody wants it any more. */
static int wait_readable(struct layer_stream *stream, int fd) {
  for (;;) {
    struct pollfd descriptor = {.fd = fd, .events = POLLIN};
    int count = poll(&descriptor, 1, POLL_MS);
    if (count > 0) return 0;
    if (count < 0 && errno != EINTR) return errno;
    if (block_pipe_stopped(&stream->pipe)) return EPIPE;
    if (cancelled(stream->cancel)) return ECANCELED;
  }
}

/* Waits, at the end of a file that is still being written, until there is more of it or it is whole. */
static int wait_growth(struct layer_stream *stream) {
  struct layer_source *source = &stream->source;
  char ticks[256];
  int error = wait_readable(stream, source->growth_fd);
  if (error != 0) return error;
  ssize_t count = read(source->growth_fd, ticks, sizeof ticks);
  if (count == 0) source->growth_fd = -1;
  return count < 0 && errno != EINTR && errno != EAGAIN ? errno : 0;
}

/* As read(2) of the source, which it waits for; -1 after recording the failure. */
static ssize_t read_source(struct layer_stream *stream, uint8_t *input, size_t wanted) {
  struct layer_source *source = &stream->source;
  for (;;) {
    ssize_t count = -1;
    int error = source->offset < 0 ? wait_readable(stream, source->fd) : 0;
    if (error == 0) {
      count = source->offset < 0 ? read(source->fd, input, wanted) : pread(source->fd, input, wanted, source->offset);
      if (count < 0) error = errno;
    }
    if (count > 0 || (count == 0 && source->growth_fd < 0)) return count;
    if (error == 0) error = wait_growth(stream);
    if (error == 0 || error == EINTR || error == EAGAIN) continue;
    fail(stream, error, "reading the layer");
    return -1;
  }
}

/*
 * Reads some input to where `at` bytes lie already, and hashes it. False after recording the failure; `*length` is 0 at
 * the end.
 */
static bool read_input(struct layer_stream *stream, size_t at, size_t *length) {
  struct layer_source *source = &stream->source;
  uint8_t *input = stream->input + at;
  size_t wanted = INPUT_SIZE - at;
  if (source->length >= 0 && source->length < (int64_t)wanted) wanted = (size_t)source->length;
  ssize_t count = 0;
  if (wanted > 0) count = read_source(stream, input, wanted);
  if (count < 0) return false;
  *length = (size_t)count;
  if (count == 0 && source->length > 0) return fail(stream, EBADMSG, "layer is shorter than it should be");
  if (source->offset >= 0) source->offset += count;
  if (source->length >= 0) source->length -= count;
  sha256_update(&stream->compressed, *length, input);
  stream->compressed_size += count;
  return true;
}

/* The first input, long enough to tell the format by, whatever pieces it comes in. */
static bool open_decoder(struct layer_stream *stream, struct decode_buffers *buffers) {
  size_t total = 0, length = 0;
  do {
    if (!read_input(stream, total, &length)) return false;
    total += length;
  } while (length > 0 && total < DECODER_MAGIC_LENGTH);
  buffers->in = stream->input;
  buffers->in_length = total;
  enum compression compression = stream->source.compression;
  if (compression == COMPRESSION_DETECT) compression = decoder_detect(stream->input, total);
  stream->decoder = decoder_open(compression);
  if (stream->decoder == NULL) return fail(stream, ENOMEM, "decompressing the layer");
  return true;
}

static bool check_limits(struct layer_stream *stream) {
  if (stream->size > stream->limits.max_size) return fail(stream, EFBIG, "layer is larger than allowed");
  if (stream->size > LAYER_RATIO_FLOOR && stream->size / stream->compressed_size > stream->limits.max_ratio)
    return fail(stream, EFBIG, "layer expands more than allowed");
  return true;
}

static bool publish(struct layer_stream *stream, const uint8_t *block, size_t length) {
  stream->size += (int64_t)length;
  if (!check_limits(stream)) return false;
  if (length > 0) block_pipe_publish(&stream->pipe, length);
  /* While it is being read already: it is only filled again by this thread. */
  sha256_update(&stream->uncompressed, length, block);
  return true;
}

/* Fills one block. `*ended` once the input is used up. */
static bool fill(struct layer_stream *stream, struct decode_buffers *buffers, bool *ended) {
  while (buffers->out_length > 0) {
    if (!stream->decoder->decode(stream->decoder, buffers)) return fail(stream, EBADMSG, stream->decoder->error);
    if (buffers->out_length == 0 || buffers->in_length > 0) continue;
    size_t length = 0;
    if (!read_input(stream, 0, &length)) return false;
    if (length == 0) {
      *ended = true;
      if (stream->compressed_size > 0 && !stream->decoder->complete(stream->decoder))
        return fail(stream, EBADMSG, "compressed layer is cut short");
      return true;
    }
    buffers->in = stream->input;
    buffers->in_length = length;
  }
  return true;
}

static size_t next_block_size(const struct layer_stream *stream) {
  if (stream->size < FIRST_BLOCK_SIZE) return FIRST_BLOCK_SIZE;
  return stream->size < BLOCK_PIPE_BLOCK_SIZE ? (size_t)stream->size : BLOCK_PIPE_BLOCK_SIZE;
}

static void pump(struct layer_stream *stream) {
  struct decode_buffers buffers = {0};
  bool ended = false;
  if (!open_decoder(stream, &buffers)) return;
  while (!ended) {
    uint8_t *block = block_pipe_reserve(&stream->pipe);
    if (block == NULL) {
      fail(stream, EPIPE, "reading the layer");
      return;
    }
    buffers.out = block;
    size_t size = next_block_size(stream);
    buffers.out_length = size;
    bool filled = fill(stream, &buffers, &ended);
    if (!filled || !publish(stream, block, size - buffers.out_length)) return;
  }
}

static void *thread_main(void *data) {
  struct layer_stream *stream = data;
  pump(stream);
  block_pipe_finish(&stream->pipe);
  write_behind_work(stream->files);
  return NULL;
}

int layer_stream_open(struct layer_stream *stream, const struct layer_source *source,
                      const struct layer_stream_limits *limits, const int32_t *cancel, struct write_behind *files) {
  *stream = (struct layer_stream){.source = *source, .limits = *limits, .cancel = cancel, .files = files};
  sha256_init(&stream->compressed);
  sha256_init(&stream->uncompressed);
  stream->input = malloc(INPUT_SIZE);
  if (stream->input == NULL) return ENOMEM;
  if (!block_pipe_open(&stream->pipe)) {
    free(stream->input);
    return ENOMEM;
  }
  if (source->offset >= 0) posix_fadvise(source->fd, source->offset, 0, POSIX_FADV_SEQUENTIAL);
  int error = pthread_create(&stream->thread, NULL, thread_main, stream);
  if (error != 0) {
    block_pipe_close(&stream->pipe);
    free(stream->input);
  }
  return error;
}

void layer_stream_close(struct layer_stream *stream) {
  block_pipe_stop(&stream->pipe);
  pthread_join(stream->thread, NULL);
  if (stream->decoder != NULL) stream->decoder->close(stream->decoder);
  block_pipe_close(&stream->pipe);
  free(stream->input);
}
