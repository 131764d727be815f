/*
 * Reading tar with libarchive: ustar, pax, GNU and old tar; nothing else, and no decompression of its own.
 *
 * Names must come out as the bytes that are in the layer. libarchive would turn those of pax headers into the locale's
 * character set, changing their Unicode normalization on the way; in the C locale it can do so for plain ASCII only
 * (which changes nothing) and falls back to the original bytes, with a warning, for everything else.
 * man pages: archive_read(3), archive_read_data(3), archive_entry(3), newlocale(3), uselocale(3)
 */
#include "tar_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"

/* libarchive holds an entry's headers, with the map of a sparse file, in memory, many times larger than they are. */
enum { MAX_HEADER_BYTES = 4 * 1024 * 1024 };

static la_ssize_t read_block(struct archive *archive, void *data, const void **bytes) {
  struct tar_source *source = data;
  if (cancelled(source->cancel)) {
    archive_set_error(archive, ECANCELED, "cancelled");
    return -1;
  }
  const uint8_t *block = NULL;
  size_t length = block_pipe_next(&source->stream->pipe, &block);
  source->stream_ended = length == 0;
  if (length == 0 && source->stream->error != 0) {
    archive_set_error(archive, source->stream->error, "%s", source->stream->message);
    return -1;
  }
  if (!source->in_data) {
    source->header_bytes += length;
    if (source->header_bytes > MAX_HEADER_BYTES) {
      archive_set_error(archive, EFBIG, "header of an entry is too large");
      return -1;
    }
  }
  *bytes = block;
  return (la_ssize_t)length;
}

int tar_source_open(struct tar_source *source, struct layer_stream *stream, const int32_t *cancel) {
  *source = (struct tar_source){.stream = stream, .cancel = cancel};
  source->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  source->archive = archive_read_new();
  if (source->locale == (locale_t)0 || source->archive == NULL) {
    if (source->locale != (locale_t)0) freelocale(source->locale);
    if (source->archive != NULL) archive_read_free(source->archive);
    return ENOMEM;
  }
  source->previous_locale = uselocale(source->locale);
  return 0;
}

void tar_source_close(struct tar_source *source) {
  archive_read_free(source->archive);
  uselocale(source->previous_locale);
  freelocale(source->locale);
}

static enum tar_result fail(struct tar_source *source) {
  /* What stopped the stream explains more than what libarchive made of its end. */
  const struct layer_stream *stream = source->stream;
  int error = archive_errno(source->archive);
  const char *message = archive_error_string(source->archive);
  if (source->stream_ended && stream->error != 0) {
    error = stream->error;
    message = stream->message;
  }
  bool known = error == ECANCELED || error == EFBIG || error == ENOMEM || error == EIO || error == EPIPE;
  source->error = known ? error : EBADMSG;
  snprintf(source->message, sizeof source->message, "%s", message == NULL ? "invalid tar" : message);
  return TAR_FAILED;
}

/* Names that are no ASCII, and access control lists, which layers do not carry, are all a layer may be warned for. */
static bool harmless(struct archive *archive) {
  const char *message = archive_error_string(archive);
  if (message == NULL) return true;
  return strstr(message, "can't be converted from") != NULL || strstr(message, "SCHILY.acl") != NULL;
}

/* Opening reads the first block: a layer of no bytes at all is one without entries. */
static enum tar_result start(struct tar_source *source) {
  struct archive *archive = source->archive;
  archive_read_support_format_tar(archive);
  archive_read_support_format_empty(archive);
  if (archive_read_open(archive, source, NULL, read_block, NULL) != ARCHIVE_OK) return fail(source);
  return TAR_ENTRY;
}

enum tar_result tar_source_next(struct tar_source *source, struct archive_entry **entry) {
  if (!source->started) {
    source->started = true;
    if (start(source) != TAR_ENTRY) return TAR_FAILED;
  } else if (archive_read_data_skip(source->archive) < ARCHIVE_WARN) {
    return fail(source);
  }
  source->in_data = false;
  source->header_bytes = 0;
  int result = archive_read_next_header(source->archive, entry);
  if (result == ARCHIVE_EOF) return TAR_END;
  if (result != ARCHIVE_OK && !(result == ARCHIVE_WARN && harmless(source->archive))) return fail(source);
  source->in_data = true;
  return TAR_ENTRY;
}

enum tar_result tar_source_data(struct tar_source *source, const void **bytes, size_t *length, int64_t *offset) {
  la_int64_t position = 0;
  int result = archive_read_data_block(source->archive, bytes, length, &position);
  *offset = position;
  if (result == ARCHIVE_EOF) return TAR_END;
  return result == ARCHIVE_OK ? TAR_ENTRY : fail(source);
}
