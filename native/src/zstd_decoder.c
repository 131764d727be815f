/*
 * Decoding zstd: any number of frames and skippable frames one after another.
 * Documents: RFC 8878; zstd.h
 */
#include <stdlib.h>
#include <zstd.h>

#include "decoder.h"

struct zstd_decoder {
  struct decoder base;
  ZSTD_DCtx *context;
  bool frame_done; /* the last byte taken in ended a frame, and all of it is out */
};

static bool decode(struct decoder *decoder, struct decode_buffers *buffers) {
  struct zstd_decoder *zstd = (struct zstd_decoder *)decoder;
  ZSTD_inBuffer in = {buffers->in, buffers->in_length, 0};
  ZSTD_outBuffer out = {buffers->out, buffers->out_length, 0};
  for (;;) {
    size_t in_before = in.pos, out_before = out.pos;
    /* At the end of a frame a call without input would already count as the start of the next one. */
    if (zstd->frame_done && in.pos == in.size) break;
    size_t result = ZSTD_decompressStream(zstd->context, &out, &in);
    if (ZSTD_isError(result)) {
      decoder->error = ZSTD_getErrorName(result);
      return false;
    }
    zstd->frame_done = result == 0;
    if (out.pos == out.size || (in.pos == in_before && out.pos == out_before)) break;
  }
  buffers->in += in.pos;
  buffers->in_length -= in.pos;
  buffers->out += out.pos;
  buffers->out_length -= out.pos;
  return true;
}

static bool complete(const struct decoder *decoder) {
  return ((const struct zstd_decoder *)decoder)->frame_done;
}

static void close_zstd(struct decoder *decoder) {
  ZSTD_freeDCtx(((struct zstd_decoder *)decoder)->context);
  free(decoder);
}

struct decoder *zstd_decoder_open(void) {
  struct zstd_decoder *zstd = calloc(1, sizeof *zstd);
  if (zstd == NULL) return NULL;
  zstd->base = (struct decoder){decode, complete, close_zstd, NULL, "zstd"};
  zstd->context = ZSTD_createDCtx();
  if (zstd->context != NULL) return &zstd->base;
  free(zstd);
  return NULL;
}
