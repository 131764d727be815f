/*
 * How a job failed. See job.h. Apart from the rest, which only runs inside Node.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "job.h"

void job_fail(struct job *job, int error, const char *syscall, const char *path) {
  if (job->error != 0) return;
  job->error = error;
  job->syscall = syscall;
  job->path = path == NULL ? NULL : strdup(path);
}

void job_detail(struct job *job, const char *format, ...) {
  if (job->detail != NULL) return;
  va_list args;
  va_start(args, format);
  if (vasprintf(&job->detail, format, args) < 0) job->detail = NULL;
  va_end(args);
}
