/*
 * Applying a layer to a directory: the job and its thread.
 *
 *   layer_stream (a thread)     source -> sha256 -> decompress -> sha256 -> block_pipe
 *   here (the job's thread)     block_pipe -> tar_source -> layer_entry -> the target
 *
 * After the last entry the rest of the stream is still taken in, since the digest is of all of it.
 * man pages: unshare(2), umask(2), openat(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "layer.h"
#include "layer_entry.h"
#include "layer_stream.h"
#include "resolve.h"
#include "tar_source.h"
#include "whiteout.h"

struct apply_job {
  struct job job;
  char *source_path; /* NULL: source.fd is the caller's */
  char *target;
  char **parent_paths;
  struct layer_source source;
  struct layer_stream_limits stream_limits;
  struct layer layer;
  char diff_id[SHA256_HEX_LENGTH + 1];
  char compressed[SHA256_HEX_LENGTH + 1];
  int64_t size, compressed_size;
};

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

static void apply_stream(struct apply_job *apply, struct layer_stream *stream) {
  struct layer *layer = &apply->layer;
  struct tar_source source;
  int error = entry_set_open(&layer->written);
  if (error == 0) error = tar_source_open(&source, stream, layer->cancel);
  if (error != 0) {
    layer_fail(layer, error, "apply", NULL);
    return;
  }
  apply_entries(layer, &source);
  if (apply->job.error == 0 && whiteout_hide_parents(layer)) set_directory_times(layer);
  if (apply->job.error == 0) drain(layer, stream);
  tar_source_close(&source);
}

static bool open_directories(struct apply_job *apply) {
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

static void close_layer(struct apply_job *apply) {
  struct layer *layer = &apply->layer;
  directory_cache_clear(&layer->cache);
  entry_set_close(&layer->written);
  for (size_t i = 0; i < layer->directory_count; i++) free(layer->directories[i].path);
  free(layer->directories);
  for (size_t i = 0; i < layer->parent_count; i++) close(layer->parents[i]);
  free(layer->parents);
  if (layer->root >= 0) close(layer->root);
  if (apply->source_path != NULL && apply->source.fd >= 0) close(apply->source.fd);
}

static void run(struct job *job) {
  struct apply_job *apply = (struct apply_job *)job;
  struct layer_stream stream;
  apply->layer.job = job;
  apply->layer.root = -1;
  if (apply->source_path != NULL) apply->source.fd = -1;
  /* With a umask of this thread's own, what is created has its mode from the start. */
  if (unshare(CLONE_FS) != 0) job_fail(job, errno, "unshare", NULL);
  else umask(0);
  if (job->error == 0 && open_directories(apply)) {
    int error = layer_stream_open(&stream, &apply->source, &apply->stream_limits, apply->layer.cancel);
    if (error == 0) {
      apply_stream(apply, &stream);
      layer_stream_close(&stream);
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

static napi_value result(napi_env env, struct job *job) {
  struct apply_job *apply = (struct apply_job *)job;
  napi_value object = NULL, opaque = NULL;
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "diffId", make_text(env, apply->diff_id, SHA256_HEX_LENGTH));
  napi_set_named_property(env, object, "compressedDigest", make_text(env, apply->compressed, SHA256_HEX_LENGTH));
  set_number(env, object, "sizeBytes", (double)apply->size);
  set_number(env, object, "compressedSizeBytes", (double)apply->compressed_size);
  set_number(env, object, "entries", (double)apply->layer.entries);
  napi_get_boolean(env, apply->layer.opaque_root, &opaque);
  napi_set_named_property(env, object, "opaqueRoot", opaque);
  return object;
}

static void release(struct job *job) {
  struct apply_job *apply = (struct apply_job *)job;
  free(apply->source_path);
  free(apply->target);
  free_strings(apply->parent_paths);
}

static bool read_args(struct args *args, struct apply_job *apply) {
  uint32_t compression = 0, mode = 0;
  bool read = arg_optional_string(args, 0, &apply->source_path) && arg_int32(args, 1, &apply->source.fd) &&
              arg_int64(args, 2, &apply->source.offset) && arg_int64(args, 3, &apply->source.length) &&
              arg_uint32(args, 4, &compression) && arg_string(args, 5, &apply->target) &&
              arg_uint32(args, 6, &mode) && arg_strings(args, 7, &apply->parent_paths) &&
              arg_int64(args, 8, &apply->layer.limits.max_entries) &&
              arg_int64(args, 9, &apply->layer.limits.max_name_bytes) &&
              arg_int64(args, 10, &apply->stream_limits.max_size) &&
              arg_int64(args, 11, &apply->stream_limits.max_ratio) && arg_cancel_word(args, 12, &apply->job.cancel);
  apply->source.compression = (enum compression)compression;
  apply->layer.mode = (enum whiteout_mode)mode;
  apply->layer.cancel = apply->job.cancel;
  return read;
}

/*
 * applyLayer(path | null, fd, offset, length, compression, target, whiteoutMode, parents, maxEntries, maxNameBytes,
 * maxSizeBytes, maxRatio, cancel): Promise<{ diffId, compressedDigest, sizeBytes, compressedSizeBytes, entries,
 * opaqueRoot }>
 */
napi_value apply_layer(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct apply_job *apply = job_create(env, sizeof *apply, run);
  if (apply == NULL) return NULL;
  apply->job.result = result;
  apply->job.release = release;
  if (!read_args(&args, apply)) {
    job_discard(env, &apply->job);
    return NULL;
  }
  job_keep(env, &apply->job, args.values[12]);
  return job_start(env, &apply->job, JOB_THREAD);
}
