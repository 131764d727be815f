/*
 * Making several directories at once.
 * man pages: mkdir(2), chmod(2)
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct directories_job {
  struct job job;
  char **pairs; /* path, mode in octal */
};

static void run(struct job *job) {
  struct directories_job *directories = (struct directories_job *)job;
  for (char **each = directories->pairs; *each != NULL; each += 2) {
    mode_t mode = (mode_t)strtoul(each[1], NULL, 8);
    /* The umask is everybody's, so it cannot be set aside; the mode is closed until it is the one asked for. */
    if (mkdir(each[0], mode & 0700) != 0) {
      job_fail(job, errno, "mkdir", each[0]);
      return;
    }
    if (chmod(each[0], mode) != 0) {
      job_fail(job, errno, "chmod", each[0]);
      return;
    }
  }
}

static void release(struct job *job) {
  free_strings(((struct directories_job *)job)->pairs);
}

/* makeDirectories(pairs of path and octal mode): Promise<void> */
napi_value make_directories(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct directories_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_strings(&args, 0, &job->pairs)) {
    job_discard(env, &job->job);
    return NULL;
  }
  size_t count = 0;
  while (job->pairs[count] != NULL) count++;
  if (count % 2 != 0) {
    job_discard(env, &job->job);
    return throw_errno(env, EINVAL, "mkdir", NULL);
  }
  return job_start(env, &job->job, JOB_POOL);
}
