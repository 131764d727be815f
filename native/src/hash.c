/*
 * Incremental SHA-256 on threads. A handle takes one operation at a time: a second one at the same time fails with
 * EBUSY, since the order of the bytes would be anyone's guess.
 * man pages: pwrite(2)
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "sha256.h"

struct hash {
  struct sha256_ctx context;
  bool busy; /* read and written on the event loop only */
};

static const napi_type_tag hash_tag = {0x8a1c6f0e5b7d4f21, 0x9d3e2a7c41b85f60};

static void free_hash(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

/* hashCreate(): a handle */
napi_value hash_create(napi_env env, napi_callback_info info) {
  (void)info;
  struct hash *hash = calloc(1, sizeof *hash);
  napi_value handle = NULL;
  if (hash == NULL) return throw_errno(env, ENOMEM, "calloc", NULL);
  sha256_init(&hash->context);
  if (napi_create_external(env, hash, free_hash, NULL, &handle) != napi_ok) {
    free(hash);
    return NULL;
  }
  napi_type_tag_object(env, handle, &hash_tag);
  return handle;
}

static struct hash *arg_hash(const struct args *args, size_t index) {
  bool matches = false;
  void *data = NULL;
  napi_valuetype type = napi_undefined;
  if (args->values[index] != NULL) napi_typeof(args->env, args->values[index], &type);
  if (type == napi_external) napi_check_object_type_tag(args->env, args->values[index], &hash_tag, &matches);
  if (!matches || napi_get_value_external(args->env, args->values[index], &data) != napi_ok) {
    napi_throw_type_error(args->env, "ERR_INVALID_ARG_TYPE", "expected a hash handle");
    return NULL;
  }
  struct hash *hash = data;
  if (hash->busy) {
    throw_errno(args->env, EBUSY, "hash", NULL);
    return NULL;
  }
  return hash;
}

/* hashDigest(handle): string, the hexadecimal digest so far */
napi_value hash_digest(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct hash *hash = arg_hash(&args, 0);
  if (hash == NULL) return NULL;
  char hex[SHA256_HEX_LENGTH + 1];
  sha256_hex(&hash->context, hex);
  return make_text(env, hex, SHA256_HEX_LENGTH);
}

struct hash_job {
  struct job job;
  struct hash *hash;
  uint8_t *bytes;
  size_t length;
  int32_t fd;
  int64_t position;
};

static void run_update(struct job *job) {
  struct hash_job *hash_job = (struct hash_job *)job;
  sha256_update(&hash_job->hash->context, hash_job->length, hash_job->bytes);
}

/* The hash takes in what was written only once all of it was, so that after a failure it still fits the file. */
static void run_write(struct job *job) {
  struct hash_job *hash_job = (struct hash_job *)job;
  size_t written = 0;
  while (written < hash_job->length) {
    ssize_t count = pwrite(hash_job->fd, hash_job->bytes + written, hash_job->length - written,
                           hash_job->position + (int64_t)written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      job_fail(job, count == 0 ? EIO : errno, "pwrite", NULL);
      return;
    }
    written += (size_t)count;
  }
  run_update(job);
}

static void release(struct job *job) {
  struct hash *hash = ((struct hash_job *)job)->hash;
  if (hash != NULL) hash->busy = false;
}

static napi_value start(napi_env env, struct args *args, struct hash_job *job, size_t bytes_index, size_t hash_index) {
  if (!arg_bytes(args, bytes_index, &job->bytes, &job->length)) {
    job_discard(env, &job->job);
    return NULL;
  }
  struct hash *hash = arg_hash(args, hash_index);
  if (hash == NULL) {
    job_discard(env, &job->job);
    return NULL;
  }
  hash->busy = true;
  job->hash = hash;
  job->job.release = release;
  job_keep(env, &job->job, args->values[bytes_index]);
  job_keep(env, &job->job, args->values[hash_index]);
  return job_start(env, &job->job, JOB_POOL);
}

/* hashUpdate(handle, bytes): Promise<void> */
napi_value hash_update(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct hash_job *job = job_create(env, sizeof *job, run_update);
  if (job == NULL) return NULL;
  return start(env, &args, job, 1, 0);
}

/* hashWrite(handle, fd, bytes, position): Promise<void>: pwrite all of it and take it into the hash */
napi_value hash_write(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct hash_job *job = job_create(env, sizeof *job, run_write);
  if (job == NULL) return NULL;
  if (!arg_int32(&args, 1, &job->fd) || !arg_int64(&args, 3, &job->position)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return start(env, &args, job, 2, 0);
}
