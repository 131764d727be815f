/*
 * The SHA-256 digest of a whole file.
 * man pages: open(2), read(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "sha256.h"
#include "job.h"

enum { BLOCK_SIZE = 1 << 20 };

struct hash_file_job {
  struct job job;
  char *path;
  char hex[SHA256_HEX_LENGTH + 1];
  int64_t size;
};

static void hash_descriptor(struct hash_file_job *hash_job, int fd, uint8_t *block) {
  struct job *job = &hash_job->job;
  struct sha256_ctx context;
  sha256_init(&context);
  for (;;) {
    if (cancelled(hash_job->job.cancel)) {
      job_fail(job, ECANCELED, "read", hash_job->path);
      return;
    }
    ssize_t count = read(fd, block, BLOCK_SIZE);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      job_fail(job, errno, "read", hash_job->path);
      return;
    }
    if (count == 0) break;
    sha256_update(&context, (size_t)count, block);
    hash_job->size += count;
  }
  sha256_hex(&context, hash_job->hex);
}

static void run(struct job *job) {
  struct hash_file_job *hash_job = (struct hash_file_job *)job;
  struct stat status;
  int fd = open(hash_job->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  uint8_t *block = malloc(BLOCK_SIZE);
  if (fd < 0) job_fail(job, errno, "open", hash_job->path);
  else if (block == NULL) job_fail(job, ENOMEM, "malloc", hash_job->path);
  else if (fstat(fd, &status) != 0) job_fail(job, errno, "fstat", hash_job->path);
  else if (!S_ISREG(status.st_mode)) job_fail(job, EINVAL, "open", hash_job->path);
  else hash_descriptor(hash_job, fd, block);
  free(block);
  if (fd >= 0) close(fd);
}

static napi_value result(napi_env env, struct job *job) {
  struct hash_file_job *hash_job = (struct hash_file_job *)job;
  napi_value object = NULL;
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "hex", make_text(env, hash_job->hex, SHA256_HEX_LENGTH));
  set_number(env, object, "sizeBytes", (double)hash_job->size);
  return object;
}

static void release(struct job *job) {
  free(((struct hash_file_job *)job)->path);
}

/* hashFile(path, cancel): Promise<{ hex, sizeBytes }> */
napi_value hash_file(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct hash_file_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path) || !arg_cancel_word(&args, 1, &job->job.cancel)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job_keep(env, &job->job, args.values[1]);
  return job_start(env, &job->job, JOB_THREAD);
}
