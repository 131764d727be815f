/* Applying a layer to a directory, apart from how it is asked for. */
#ifndef GANTRY_LAYER_APPLY_H
#define GANTRY_LAYER_APPLY_H

#include "layer.h"
#include "layer_stream.h"

struct layer_apply {
  /* The caller's to set, with `layer.job`, `.cancel`, `.mode` and `.limits`; the rest of `layer` is zero. */
  char *source_path; /* NULL: source.fd is the caller's */
  char *target;
  char **parent_paths; /* as a NULL-terminated list, nearest first */
  struct layer_source source;
  struct layer_stream_limits stream_limits;
  struct layer layer;

  /* What came of it; right only if the job has no failure. */
  char diff_id[SHA256_HEX_LENGTH + 1];
  char compressed[SHA256_HEX_LENGTH + 1];
  int64_t size, compressed_size;
};

/* Applies the layer on the calling thread, whose umask and working directory become its own; a failure is the job's. */
void layer_apply_run(struct layer_apply *apply);

#endif
