/*
 * The one-call mount: for remounts, propagation changes, and kernels without the newer calls.
 * man pages: mount(2), unshare(2), chdir(2)
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct classic_job {
  struct job job;
  char *source;
  char *target;
  char *type;
  char *data;
  char *directory;
  uint32_t flags; /* MS_* */
};

static void run(struct job *job) {
  struct classic_job *classic = (struct classic_job *)job;
  if (classic->directory != NULL) {
    /* The working directory becomes this thread's own; job threads end with their job, so nobody else sees it. */
    if (unshare(CLONE_FS) != 0 || chdir(classic->directory) != 0) {
      job_fail(job, errno, "chdir", classic->directory);
      return;
    }
  }
  if (mount(classic->source, classic->target, classic->type, classic->flags, classic->data) != 0)
    job_fail(job, errno, "mount", classic->target);
}

static void release(struct job *job) {
  struct classic_job *classic = (struct classic_job *)job;
  free(classic->source);
  free(classic->target);
  free(classic->type);
  free(classic->data);
  free(classic->directory);
}

/* classicMount(source, target, type, flags, data | null, directory | null): Promise<void> */
napi_value classic_mount(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct classic_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->source) || !arg_string(&args, 1, &job->target) ||
      !arg_string(&args, 2, &job->type) || !arg_uint32(&args, 3, &job->flags) ||
      !arg_optional_string(&args, 4, &job->data) || !arg_optional_string(&args, 5, &job->directory)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, job->directory == NULL ? JOB_POOL : JOB_THREAD);
}
