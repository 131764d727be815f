/* Applying a layer to a directory: the call from JavaScript. See layer_apply.h for the work. */
#include <stdlib.h>

#include "addon.h"
#include "args.h"
#include "layer_apply.h"

struct apply_job {
  struct job job;
  struct layer_apply apply;
};

static void run(struct job *job) {
  struct apply_job *apply_job = (struct apply_job *)job;
  apply_job->apply.layer.job = job;
  layer_apply_run(&apply_job->apply);
}

static napi_value result(napi_env env, struct job *job) {
  struct layer_apply *apply = &((struct apply_job *)job)->apply;
  napi_value object = NULL, opaque = NULL;
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "diffId", make_text(env, apply->diff_id, SHA256_HEX_LENGTH));
  napi_set_named_property(env, object, "compressedDigest", make_text(env, apply->compressed, SHA256_HEX_LENGTH));
  set_number(env, object, "sizeBytes", (double)apply->size);
  set_number(env, object, "compressedSizeBytes", (double)apply->compressed_size);
  set_number(env, object, "entries", (double)apply->layer.entries);
  set_number(env, object, "impliedDirectories", (double)apply->layer.implied_directories);
  napi_get_boolean(env, apply->layer.opaque_root, &opaque);
  napi_set_named_property(env, object, "opaqueRoot", opaque);
  return object;
}

static void release(struct job *job) {
  struct layer_apply *apply = &((struct apply_job *)job)->apply;
  free(apply->source_path);
  free(apply->target);
  free_strings(apply->parent_paths);
}

static bool read_args(struct args *args, struct apply_job *job) {
  struct layer_apply *apply = &job->apply;
  uint32_t compression = 0, mode = 0;
  bool read = arg_optional_string(args, 0, &apply->source_path) && arg_int32(args, 1, &apply->source.fd) &&
              arg_int64(args, 2, &apply->source.offset) && arg_int64(args, 3, &apply->source.length) &&
              arg_int32(args, 4, &apply->source.growth_fd) && arg_uint32(args, 5, &compression) &&
              arg_string(args, 6, &apply->target) && arg_uint32(args, 7, &mode) &&
              arg_strings(args, 8, &apply->parent_paths) && arg_int64(args, 9, &apply->layer.limits.max_entries) &&
              arg_int64(args, 10, &apply->layer.limits.max_name_bytes) &&
              arg_int64(args, 11, &apply->stream_limits.max_size) &&
              arg_int64(args, 12, &apply->stream_limits.max_ratio) && arg_cancel_word(args, 13, &job->job.cancel);
  apply->source.compression = (enum compression)compression;
  apply->layer.mode = (enum whiteout_mode)mode;
  apply->layer.cancel = job->job.cancel;
  return read;
}

/*
 * applyLayer(path | null, fd, offset, length, growthFd, compression, target, whiteoutMode, parents, maxEntries, maxNameBytes,
 * maxSizeBytes, maxRatio, cancel): Promise<{ diffId, compressedDigest, sizeBytes, compressedSizeBytes, entries,
 * impliedDirectories, opaqueRoot }>
 */
napi_value apply_layer(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct apply_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  if (!read_args(&args, job)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job_keep(env, &job->job, args.values[13]);
  return job_start(env, &job->job, JOB_THREAD);
}
