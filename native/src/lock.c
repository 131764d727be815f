/*
 * Exclusive advisory locks that end with the process, however it ends.
 * man pages: open(2), flock(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct lock_job {
  struct job job;
  char *path;
  int fd;
};

static void run(struct job *job) {
  struct lock_job *lock = (struct lock_job *)job;
  int fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    job_fail(job, errno, "open", lock->path);
    return;
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    job_fail(job, errno, "flock", lock->path);
    close(fd);
    return;
  }
  lock->fd = fd;
}

static napi_value result(napi_env env, struct job *job) {
  struct lock_job *lock = (struct lock_job *)job;
  napi_value value = make_number(env, lock->fd);
  lock->fd = -1;
  return value;
}

static void release(struct job *job) {
  struct lock_job *lock = (struct lock_job *)job;
  if (lock->fd >= 0) close(lock->fd);
  free(lock->path);
}

/* lockFile(path): Promise<number>: the descriptor that holds the lock until it is closed */
napi_value lock_file(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct lock_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->fd = -1;
  job->job.result = result;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_POOL);
}
