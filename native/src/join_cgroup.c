/*
 * Moving this process, all its threads, into a cgroup.
 * man pages: cgroups(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct join_job {
  struct job job;
  char *path;
};

static void run(struct job *base) {
  const struct join_job *job = (const struct join_job *)base;
  int fd = open(job->path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    job_fail(base, errno, "open", job->path);
    return;
  }
  /* 0 stands for the writer. */
  if (write(fd, "0", 1) != 1) job_fail(base, errno, "write", job->path);
  close(fd);
}

static void release(struct job *base) {
  free(((struct join_job *)base)->path);
}

/* joinCgroup(path of its cgroup.procs); on a thread of its own, as the kernel may take tens of milliseconds */
napi_value join_cgroup(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct join_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_THREAD);
}
