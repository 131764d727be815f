/*
 * Disk space and inodes a tree takes: every inode once, however many links it has; space as allocated, in units of
 * 512 bytes, so holes do not count.
 * man pages: fstatat(2), stat(3type), tsearch(3)
 */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "tree_walk.h"

struct identity {
  dev_t device;
  ino_t inode;
};

struct usage {
  int64_t size;
  int64_t inodes;
  void *linked; /* tsearch tree of the identities that have more than one link */
};

struct usage_job {
  struct job job;
  char *path;
  struct usage usage;
};

static int compare(const void *a, const void *b) {
  const struct identity *left = a, *right = b;
  if (left->inode != right->inode) return left->inode < right->inode ? -1 : 1;
  if (left->device != right->device) return left->device < right->device ? -1 : 1;
  return 0;
}

static int count(struct usage *usage, const struct stat *status) {
  /* Only what is linked more than once can be met again; a directory's links are its own "." and "..". */
  if (status->st_nlink > 1 && !S_ISDIR(status->st_mode)) {
    struct identity *identity = malloc(sizeof *identity);
    if (identity == NULL) return ENOMEM;
    *identity = (struct identity){status->st_dev, status->st_ino};
    struct identity **found = tsearch(identity, &usage->linked, compare);
    if (found == NULL || *found != identity) free(identity);
    if (found == NULL) return ENOMEM;
    if (*found != identity) return 0;
  }
  usage->size += status->st_blocks * 512;
  usage->inodes++;
  return 0;
}

static int visit_directory(void *data, int fd) {
  struct stat status;
  return fstat(fd, &status) != 0 ? errno : count(data, &status);
}

static int visit_leaf(void *data, int directory, const char *name) {
  struct stat status;
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : errno;
  return count(data, &status);
}

static int leave_directory(void *data, int directory, const char *name) {
  (void)data;
  (void)directory;
  (void)name;
  return 0;
}

static void run(struct job *job) {
  struct usage_job *usage_job = (struct usage_job *)job;
  struct stat status;
  char *failed = NULL;
  int error = 0;
  int fd = open(usage_job->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
    error = lstat(usage_job->path, &status) != 0 ? errno : count(&usage_job->usage, &status);
  } else if (fd < 0) {
    error = errno;
  } else {
    const struct tree_visitor visitor = {
        .data = &usage_job->usage,
        .enter = visit_directory,
        .leaf = visit_leaf,
        .leave = leave_directory,
        .cancel = usage_job->job.cancel,
    };
    error = tree_walk(fd, &visitor, &failed);
    close(fd);
  }
  if (error != 0) {
    job_fail(job, error, "stat", usage_job->path);
    if (failed != NULL && *failed != '\0') job_detail(job, "%s", failed);
  }
  free(failed);
  tdestroy(usage_job->usage.linked, free);
}

static napi_value result(napi_env env, struct job *job) {
  const struct usage *usage = &((struct usage_job *)job)->usage;
  napi_value object = NULL;
  napi_create_object(env, &object);
  set_number(env, object, "sizeBytes", (double)usage->size);
  set_number(env, object, "inodes", (double)usage->inodes);
  return object;
}

static void release(struct job *job) {
  free(((struct usage_job *)job)->path);
}

/* diskUsage(path, cancel): Promise<{ sizeBytes, inodes }> */
napi_value disk_usage(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct usage_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path) || !arg_cancel_word(&args, 1, &job->job.cancel)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job_keep(env, &job->job, args.values[1]);
  return job_start(env, &job->job, JOB_THREAD);
}
