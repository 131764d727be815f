/*
 * The entries of a layer, in order.
 */
#ifndef GANTRY_TAR_SOURCE_H
#define GANTRY_TAR_SOURCE_H

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>

#include "layer_stream.h"

struct tar_source {
  struct layer_stream *stream;
  struct archive *archive;
  locale_t locale, previous_locale;
  const int32_t *cancel;
  size_t header_bytes; /* read since the last entry */
  bool in_data;
  bool started;
  bool stream_ended; /* and its error can be looked at */

  /* How it failed: an errno value with words for it. */
  int error;
  char message[256];
};

enum tar_result { TAR_ENTRY, TAR_END, TAR_FAILED };

/* 0 or an errno value. To be used, and closed, by the thread that opened it. */
int tar_source_open(struct tar_source *source, struct layer_stream *stream, const int32_t *cancel);
void tar_source_close(struct tar_source *source);

/* The next entry; valid until the next call. */
enum tar_result tar_source_next(struct tar_source *source, struct archive_entry **entry);

/*
 * The next piece of the entry's data, to be written at `*offset`; what lies between pieces is a hole. At TAR_END,
 * `*offset` is the size of the file.
 */
enum tar_result tar_source_data(struct tar_source *source, const void **bytes, size_t *length, int64_t *offset);

#endif
