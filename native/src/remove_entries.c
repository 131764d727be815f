/*
 * Deleting many entries of one directory in one go: garbage comes by the thousand.
 * man pages: open(2), unlinkat(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "remove_entry.h"

struct entries_job {
  struct job job;
  char *directory;
  char **names;
};

/* One name within the directory, not a path that leads out of it. */
static bool is_entry(const char *name) {
  return *name != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void run(struct job *job) {
  struct entries_job *entries = (struct entries_job *)job;
  int directory = open(entries->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    if (errno != ENOENT) job_fail(job, errno, "open", entries->directory);
    return;
  }
  for (char **name = entries->names; *name != NULL && !cancelled(job->cancel); name++) {
    char *failed = NULL;
    int error = is_entry(*name) ? remove_entry(directory, *name, job->cancel, &failed) : EINVAL;
    if (error != 0 && job->error == 0) {
      job_fail(job, error, "unlinkat", entries->directory);
      job_detail(job, "%s%s%s", *name, failed == NULL ? "" : "/", failed == NULL ? "" : failed);
    }
    free(failed);
  }
  if (cancelled(job->cancel)) job_fail(job, ECANCELED, "unlinkat", entries->directory);
  close(directory);
}

static void release(struct job *job) {
  struct entries_job *entries = (struct entries_job *)job;
  free(entries->directory);
  free_strings(entries->names);
}

/* removeEntries(directory, names, cancel): Promise<void> */
napi_value remove_entries(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct entries_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->directory) || !arg_strings(&args, 1, &job->names) ||
      !arg_cancel_word(&args, 2, &job->job.cancel)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job_keep(env, &job->job, args.values[2]);
  return job_start(env, &job->job, JOB_THREAD);
}
