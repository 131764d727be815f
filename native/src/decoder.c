/* Choosing a decoder, and the one for streams that are not compressed. See decoder.h. */
#include "decoder.h"

#include <stdlib.h>
#include <string.h>

enum compression decoder_detect(const uint8_t *start, size_t length) {
  static const uint8_t gzip[] = {0x1f, 0x8b, 0x08};
  static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
  /* A zstd stream may also start with a skippable frame: 0x184d2a5?, little endian, and its length. */
  static const uint8_t skippable[] = {0x2a, 0x4d, 0x18};
  if (length >= sizeof gzip && memcmp(start, gzip, sizeof gzip) == 0) return COMPRESSION_GZIP;
  if (length >= sizeof zstd && memcmp(start, zstd, sizeof zstd) == 0) return COMPRESSION_ZSTD;
  if (length >= 8 && (start[0] & 0xf0) == 0x50 && memcmp(start + 1, skippable, sizeof skippable) == 0)
    return COMPRESSION_ZSTD;
  return COMPRESSION_NONE;
}

static bool copy(struct decoder *decoder, struct decode_buffers *buffers) {
  (void)decoder;
  size_t length = buffers->in_length < buffers->out_length ? buffers->in_length : buffers->out_length;
  memcpy(buffers->out, buffers->in, length);
  buffers->in += length;
  buffers->in_length -= length;
  buffers->out += length;
  buffers->out_length -= length;
  return true;
}

static bool always(const struct decoder *decoder) {
  (void)decoder;
  return true;
}

static void close_plain(struct decoder *decoder) {
  free(decoder);
}

struct decoder *decoder_open(enum compression compression) {
  if (compression == COMPRESSION_GZIP) return gzip_decoder_open();
  if (compression == COMPRESSION_ZSTD) return zstd_decoder_open();
  struct decoder *decoder = calloc(1, sizeof *decoder);
  if (decoder != NULL) *decoder = (struct decoder){copy, always, close_plain, NULL, "plain"};
  return decoder;
}
