/*
 * Decoding gzip with isa-l: any number of members one after another, each with its checksum checked. After the last
 * one only zero bytes may follow (tape padding); anything else is refused rather than left out of the result.
 * Documents: RFC 1952; isa-l/igzip_lib.h
 */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "decoder.h"

enum position { BEFORE_MEMBER, IN_HEADER, IN_BODY, IN_PADDING };

struct gzip_decoder {
  struct decoder base;
  enum position position;
  bool any; /* a member has ended */
  struct isal_gzip_header header;
  struct inflate_state state;
};

static const char *describe(int result) {
  switch (result) {
    case ISAL_INVALID_WRAPPER:
      return "invalid gzip header";
    case ISAL_UNSUPPORTED_METHOD:
      return "gzip stream of an unsupported method";
    case ISAL_INCORRECT_CHECKSUM:
      return "gzip checksum does not match";
    default:
      return "invalid deflate data";
  }
}

static bool fail(struct gzip_decoder *gzip, const char *error) {
  gzip->base.error = error;
  return false;
}

static bool start_member(struct gzip_decoder *gzip, struct decode_buffers *buffers) {
  if (gzip->any && *buffers->in == 0) {
    gzip->position = IN_PADDING;
    return true;
  }
  if (*buffers->in != 0x1f) return fail(gzip, gzip->any ? "garbage after the gzip stream" : "invalid gzip header");
  isal_inflate_reset(&gzip->state);
  isal_gzip_header_init(&gzip->header);
  gzip->position = IN_HEADER;
  return true;
}

static bool skip_padding(struct gzip_decoder *gzip, struct decode_buffers *buffers) {
  for (; buffers->in_length > 0; buffers->in++, buffers->in_length--)
    if (*buffers->in != 0) return fail(gzip, "garbage after the gzip stream");
  return true;
}

/* The header is read with a struct of ours: isal_inflate alone cannot resume one that is cut in two. */
static int step(struct gzip_decoder *gzip) {
  if (gzip->position == IN_HEADER) {
    int result = isal_read_gzip_header(&gzip->state, &gzip->header);
    if (result != ISAL_DECOMP_OK) return result;
    gzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    gzip->position = IN_BODY;
    return ISAL_DECOMP_OK;
  }
  int result = isal_inflate(&gzip->state);
  if (result == ISAL_DECOMP_OK && gzip->state.block_state == ISAL_BLOCK_FINISH) {
    gzip->any = true;
    gzip->position = BEFORE_MEMBER;
  }
  return result;
}

static bool decode(struct decoder *decoder, struct decode_buffers *buffers) {
  struct gzip_decoder *gzip = (struct gzip_decoder *)decoder;
  struct inflate_state *state = &gzip->state;
  while (buffers->out_length > 0) {
    if (gzip->position == IN_PADDING) return skip_padding(gzip, buffers);
    if (gzip->position == BEFORE_MEMBER) {
      if (buffers->in_length == 0) return true;
      if (!start_member(gzip, buffers)) return false;
      continue;
    }
    state->next_in = (uint8_t *)(uintptr_t)buffers->in;
    state->avail_in = (uint32_t)buffers->in_length;
    state->next_out = buffers->out;
    state->avail_out = (uint32_t)buffers->out_length;
    int result = step(gzip);
    bool moved = state->avail_in != buffers->in_length || state->avail_out != buffers->out_length;
    buffers->in = state->next_in;
    buffers->in_length = state->avail_in;
    buffers->out = state->next_out;
    buffers->out_length = state->avail_out;
    if (result < 0) return fail(gzip, describe(result));
    if (!moved && gzip->position == IN_BODY && buffers->in_length > 0) return fail(gzip, "invalid deflate data");
    if (!moved && gzip->position == IN_BODY) return true;
    if (result == ISAL_END_INPUT && gzip->position == IN_HEADER) return true;
  }
  return true;
}

static bool complete(const struct decoder *decoder) {
  const struct gzip_decoder *gzip = (const struct gzip_decoder *)decoder;
  return gzip->any && (gzip->position == BEFORE_MEMBER || gzip->position == IN_PADDING);
}

static void close_gzip(struct decoder *decoder) {
  free(decoder);
}

struct decoder *gzip_decoder_open(void) {
  struct gzip_decoder *gzip = calloc(1, sizeof *gzip);
  if (gzip == NULL) return NULL;
  gzip->base = (struct decoder){decode, complete, close_gzip, NULL, "gzip"};
  isal_inflate_init(&gzip->state);
  return &gzip->base;
}
