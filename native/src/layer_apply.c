/*
 * Applying a layer to a directory. See layer_apply.h.
 *
 *   layer_stream (a thread)     source -> sha256 -> decompress -> sha256 -> block_pipe
 *   here (the caller's thread)  block_pipe -> tar_source -> layer_entry -> the target -> write_behind
 *   layer_stream, when done     write_behind -> the disk
 *
 * After the last entry the rest of the stream is still taken in, since the digest is of all of it.
 * man pages: unshare(2), umask(2), openat(2)
 */
#include "layer_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "layer_entry.h"
#include "resolve.h"
#include "tar_source.h"
#include "whiteout.h"

static void set_directory_times(struct layer *layer) {
  layer->entries_done = true;
  for (size_t i = 0; i < layer->directory_count && layer->job->error == 0; i++) {
    const struct directory_times *each = &layer->directories[i];
    const char *slash = strrchr(each->path, '/');
    const char *name = slash == NULL ? each->path : slash + 1;
    char *above = strndup(each->path, slash == NULL ? 0 : (size_t)(slash - each->path));
    struct directory *parent = NULL;
    struct stat status;
    int error = above == NULL ? ENOMEM : resolve_directory(layer, above, RESOLVE_EXISTING, &parent);
    if (error == 0 && fstatat(parent->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) error = errno;
    /* A later entry of the layer may have put something else there. */
    if (error == 0 && S_ISDIR(status.st_mode) &&
        utimensat(parent->fd, name, each->times, AT_SYMLINK_NOFOLLOW) != 0)
      error = errno;
    if (error != 0 && error != ENOENT && error != ENOTDIR) layer_fail(layer, error, "utimensat", each->path);
    directory_release(parent);
    free(above);
  }
}

static void apply_entries(struct layer *layer, struct tar_source *source) {
  for (;;) {
    struct archive_entry *header;
    if (cancelled(layer->cancel)) {
      layer_fail(layer, ECANCELED, "apply", NULL);
      return;
    }
    enum tar_result result = tar_source_next(source, &header);
    if (result == TAR_FAILED) {
      job_fail(layer->job, source->error, "layer", NULL);
      job_detail(layer->job, "%s", source->message);
    }
    if (result != TAR_ENTRY || !layer_entry_apply(layer, source, header)) return;
  }
}

/* What follows the archive's end counts for the digests and limits too. */
static void drain(struct layer *layer, struct layer_stream *stream) {
  const uint8_t *block;
  while (block_pipe_next(&stream->pipe, &block) > 0) {
    if (!cancelled(layer->cancel)) continue;
    layer_fail(layer, ECANCELED, "apply", NULL);
    return;
  }
  if (stream->error == 0) return;
  job_fail(layer->job, stream->error, "layer", NULL);
  job_detail(layer->job, "%s", stream->message);
}

static void apply_stream(struct layer_apply *apply, struct layer_stream *stream) {
  struct layer *layer = &apply->layer;
  struct tar_source source;
  int error = entry_set_open(&layer->written);
  if (error == 0) error = tar_source_open(&source, stream, layer->cancel);
  if (error != 0) {
    layer_fail(layer, error, "apply", NULL);
    return;
  }
  apply_entries(layer, &source);
  if (apply->layer.job->error == 0 && whiteout_hide_parents(layer)) set_directory_times(layer);
  if (apply->layer.job->error == 0) drain(layer, stream);
  tar_source_close(&source);
}

static bool open_directories(struct layer_apply *apply) {
  struct layer *layer = &apply->layer;
  layer->root = open(apply->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (layer->root < 0) return layer_fail(layer, errno, "open", apply->target);
  size_t count = 0;
  while (apply->parent_paths[count] != NULL) count++;
  layer->parents = calloc(count + 1, sizeof *layer->parents);
  if (layer->parents == NULL) return layer_fail(layer, ENOMEM, "apply", NULL);
  for (; layer->parent_count < count; layer->parent_count++) {
    const char *path = apply->parent_paths[layer->parent_count];
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return layer_fail(layer, errno, "open", path);
    layer->parents[layer->parent_count] = fd;
  }
  if (apply->source_path == NULL) return true;
  apply->source.fd = open(apply->source_path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
  return apply->source.fd >= 0 || layer_fail(layer, errno, "open", apply->source_path);
}

static void close_layer(struct layer_apply *apply) {
  struct layer *layer = &apply->layer;
  write_behind_close(&layer->files);
  directory_cache_clear(&layer->cache);
  entry_set_close(&layer->written);
  for (size_t i = 0; i < layer->directory_count; i++) free(layer->directories[i].path);
  free(layer->directories);
  for (size_t i = 0; i < layer->parent_count; i++) close(layer->parents[i]);
  free(layer->parents);
  if (layer->root >= 0) close(layer->root);
  if (apply->source_path != NULL && apply->source.fd >= 0) close(apply->source.fd);
}

void layer_apply_run(struct layer_apply *apply) {
  struct job *job = apply->layer.job;
  struct layer_stream stream;
  apply->layer.root = -1;
  write_behind_open(&apply->layer.files);
  if (apply->source_path != NULL) apply->source.fd = -1;
  /* With a umask of this thread's own, what is created has its mode from the start. */
  if (unshare(CLONE_FS) != 0) job_fail(job, errno, "unshare", NULL);
  else umask(0);
  if (job->error == 0 && open_directories(apply)) {
    int error = layer_stream_open(&stream, &apply->source, &apply->stream_limits, apply->layer.cancel,
                                  &apply->layer.files);
    if (error == 0) {
      apply_stream(apply, &stream);
      write_behind_end(&apply->layer.files);
      layer_stream_close(&stream);
      if (apply->layer.files.error != 0) layer_fail(&apply->layer, apply->layer.files.error, "close", apply->target);
      sha256_hex(&stream.uncompressed, apply->diff_id);
      sha256_hex(&stream.compressed, apply->compressed);
      apply->size = stream.size;
      apply->compressed_size = stream.compressed_size;
    } else {
      job_fail(job, error, "apply", NULL);
    }
  }
  close_layer(apply);
}
