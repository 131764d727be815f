/*
 * Decompressing a stream piece by piece, whatever the format.
 */
#ifndef GANTRY_DECODER_H
#define GANTRY_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compression { COMPRESSION_DETECT, COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

/* How many bytes decoder_detect wants to see, unless the stream is shorter. */
enum { DECODER_MAGIC_LENGTH = 8 };

struct decode_buffers {
  const uint8_t *in;
  size_t in_length;
  uint8_t *out;
  size_t out_length;
};

struct decoder {
  /*
   * Takes bytes from `in` and puts bytes into `out`, moving all four members on, until one of the two is used up. False
   * when the data is damaged; `error` then tells how.
   */
  bool (*decode)(struct decoder *decoder, struct decode_buffers *buffers);
  /* True if the stream may end after what has been decoded. */
  bool (*complete)(const struct decoder *decoder);
  void (*close)(struct decoder *decoder);
  const char *error;
  const char *name;
};

/* The format a stream that starts so is in, told by its magic number. */
enum compression decoder_detect(const uint8_t *start, size_t length);

/* NULL if there is no memory. */
struct decoder *decoder_open(enum compression compression);
struct decoder *gzip_decoder_open(void);
struct decoder *zstd_decoder_open(void);

#endif
