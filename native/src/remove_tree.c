/*
 * Deleting a tree by its path.
 * man pages: open(2)
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

struct remove_job {
  struct job job;
  char *path;
};

/* Splits off the last name: "a/b/" gives "a" and "b". False for "/" and names that stand for no entry. */
static bool split(char *path, const char **parent, const char **name) {
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') path[--length] = '\0';
  char *slash = strrchr(path, '/');
  *name = slash == NULL ? path : slash + 1;
  if (slash != NULL) *slash = '\0';
  *parent = slash == NULL ? "." : slash == path ? "/" : path;
  return **name != '\0' && strcmp(*name, ".") != 0 && strcmp(*name, "..") != 0;
}

static void run(struct job *job) {
  struct remove_job *remove_job = (struct remove_job *)job;
  const char *parent, *name;
  char *copy = strdup(remove_job->path), *failed = NULL;
  if (copy == NULL || !split(copy, &parent, &name)) {
    job_fail(job, copy == NULL ? ENOMEM : EINVAL, "unlinkat", remove_job->path);
    free(copy);
    return;
  }
  int directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    if (errno != ENOENT) job_fail(job, errno, "open", parent);
  } else {
    int error = remove_entry(directory, name, remove_job->job.cancel, &failed);
    if (error != 0) {
      job_fail(job, error, "unlinkat", remove_job->path);
      if (failed != NULL && *failed != '\0') job_detail(job, "%s", failed);
    }
    close(directory);
  }
  free(failed);
  free(copy);
}

static void release(struct job *job) {
  free(((struct remove_job *)job)->path);
}

/* removeTree(path, cancel): Promise<void> */
napi_value remove_tree(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct remove_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path) || !arg_cancel_word(&args, 1, &job->job.cancel)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job_keep(env, &job->job, args.values[1]);
  return job_start(env, &job->job, JOB_THREAD);
}
