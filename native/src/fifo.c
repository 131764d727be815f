/*
 * Named pipes.
 * man pages: mkfifo(3), chmod(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct fifo_job {
  struct job job;
  char *path;
  uint32_t mode;
};

static void run(struct job *job) {
  struct fifo_job *fifo = (struct fifo_job *)job;
  if (mkfifo(fifo->path, fifo->mode) != 0) {
    job_fail(job, errno, "mkfifo", fifo->path);
    return;
  }
  /* Whatever the umask, the mode is the one asked for. */
  if (fchmodat(AT_FDCWD, fifo->path, fifo->mode, 0) != 0) {
    job_fail(job, errno, "chmod", fifo->path);
    unlink(fifo->path);
  }
}

static void release(struct job *job) {
  free(((struct fifo_job *)job)->path);
}

/* makeFifo(path, mode): Promise<void> */
napi_value make_fifo(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct fifo_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path) || !arg_uint32(&args, 1, &job->mode)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_POOL);
}
