/*
 * Unmounting.
 * man pages: umount2(2)
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct unmount_job {
  struct job job;
  char *target;
  int32_t flags; /* MNT_*, UMOUNT_NOFOLLOW */
};

static void run(struct job *job) {
  struct unmount_job *unmount_job = (struct unmount_job *)job;
  if (umount2(unmount_job->target, unmount_job->flags) != 0) job_fail(job, errno, "umount2", unmount_job->target);
}

static void release(struct job *job) {
  free(((struct unmount_job *)job)->target);
}

/* unmount(target, flags): Promise<void>. Writing back a busy disk may take seconds, hence a thread of its own. */
napi_value unmount(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct unmount_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->target) || !arg_int32(&args, 1, &job->flags)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_THREAD);
}
