/*
 * Making written data survive a loss of power.
 * man pages: fsync(2), syncfs(2), open(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct sync_job {
  struct job job;
  char *path;
};

static void sync_with(struct job *job, int (*call)(int), const char *name) {
  struct sync_job *sync_job = (struct sync_job *)job;
  int fd = open(sync_job->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) {
    job_fail(job, errno, "open", sync_job->path);
    return;
  }
  if (call(fd) != 0) job_fail(job, errno, name, sync_job->path);
  close(fd);
}

static void run_fsync(struct job *job) {
  sync_with(job, fsync, "fsync");
}

static void run_syncfs(struct job *job) {
  sync_with(job, syncfs, "syncfs");
}

static void release(struct job *job) {
  free(((struct sync_job *)job)->path);
}

static napi_value start(napi_env env, napi_callback_info info, void (*run)(struct job *)) {
  struct args args;
  args_read(env, info, &args);
  struct sync_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_THREAD);
}

/* syncPath(path): Promise<void>, for a file or a directory */
napi_value sync_path(napi_env env, napi_callback_info info) {
  return start(env, info, run_fsync);
}

/* syncFileSystem(path): Promise<void> */
napi_value sync_file_system(napi_env env, napi_callback_info info) {
  return start(env, info, run_syncfs);
}
