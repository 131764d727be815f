/*
 * Reading a small file below a directory whose contents nobody vouches for, such as an image's root file system.
 * man pages: openat2(2), open(2) (O_PATH), proc(5) (/proc/self/fd), read(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "openat2.h"

struct read_job {
  struct job job;
  char *root;
  char *path;
  int64_t limit;
  uint8_t *bytes;
  size_t length;
};

/* Opens for reading what `handle` (O_PATH) refers to: no name is looked up again, so nothing can be swapped. */
static int reopen(int handle) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
  return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static bool grow(struct read_job *read_job, size_t *capacity, size_t wanted) {
  uint8_t *bytes = realloc(read_job->bytes, wanted);
  if (bytes == NULL) {
    job_fail(&read_job->job, ENOMEM, "malloc", read_job->path);
    return false;
  }
  read_job->bytes = bytes;
  *capacity = wanted;
  return true;
}

/* Reads to the end, or fails once there is more than the limit, whatever size the file claims to have. */
static void read_bounded(struct read_job *read_job, int fd) {
  size_t limit = (size_t)read_job->limit;
  size_t capacity = 0;
  for (;;) {
    if (read_job->length > limit) {
      job_fail(&read_job->job, EFBIG, "read", read_job->path);
      return;
    }
    if (read_job->length == capacity) {
      size_t wanted = capacity == 0 ? 4096 : 2 * capacity;
      if (!grow(read_job, &capacity, wanted > limit + 1 ? limit + 1 : wanted)) return;
    }
    ssize_t count = read(fd, read_job->bytes + read_job->length, capacity - read_job->length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) job_fail(&read_job->job, errno, "read", read_job->path);
    if (count <= 0) return;
    read_job->length += (size_t)count;
  }
}

static void run(struct job *job) {
  struct read_job *read_job = (struct read_job *)job;
  struct stat status;
  int fd = -1;
  int root = open(read_job->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) {
    job_fail(job, errno, "open", read_job->root);
    return;
  }
  /* First only a reference: opening a device or a fifo for real has effects. */
  int handle = openat2(root, read_job->path, O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (handle < 0) job_fail(job, errno, "openat2", read_job->path);
  else if (fstat(handle, &status) != 0) job_fail(job, errno, "fstat", read_job->path);
  else if (S_ISDIR(status.st_mode)) job_fail(job, EISDIR, "read", read_job->path);
  else if (!S_ISREG(status.st_mode)) job_fail(job, EINVAL, "read", read_job->path);
  else if ((fd = reopen(handle)) < 0) job_fail(job, errno, "open", read_job->path);
  else if (status.st_size > read_job->limit) job_fail(job, EFBIG, "read", read_job->path);
  else read_bounded(read_job, fd);
  if (fd >= 0) close(fd);
  if (handle >= 0) close(handle);
  close(root);
}

static napi_value result(napi_env env, struct job *job) {
  struct read_job *read_job = (struct read_job *)job;
  napi_value buffer = NULL;
  napi_create_buffer_copy(env, read_job->length, read_job->bytes, NULL, &buffer);
  return buffer;
}

static void release(struct job *job) {
  struct read_job *read_job = (struct read_job *)job;
  free(read_job->root);
  free(read_job->path);
  free(read_job->bytes);
}

/* readFileInRoot(root, path, maxBytes): Promise<Buffer> */
napi_value read_file_in_root(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct read_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->root) || !arg_string(&args, 1, &job->path) || !arg_int64(&args, 2, &job->limit)) {
    job_discard(env, &job->job);
    return NULL;
  }
  if (job->limit < 0) job->limit = 0;
  return job_start(env, &job->job, JOB_POOL);
}
