/*
 * Deleting a tree. See remove_tree.h.
 * man pages: unlinkat(2), openat2(2), basename(3)
 */
#include "remove_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "openat2.h"
#include "tree_walk.h"

struct removal {
  unsigned refills; /* how often a directory had entries again after it was emptied */
};

enum { MAX_REFILLS = 100 };

static int enter(void *data, int fd) {
  (void)data;
  (void)fd;
  return 0;
}

static int remove_leaf(void *data, int directory, const char *name) {
  (void)data;
  return unlinkat(directory, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

static int remove_directory(void *data, int directory, const char *name) {
  struct removal *removal = data;
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if (errno == ENOTEMPTY && removal->refills++ < MAX_REFILLS) return EAGAIN;
  return errno;
}

int remove_entry(int directory, const char *name, const int32_t *cancel, char **failed) {
  *failed = NULL;
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR) return errno;
  struct removal removal = {0};
  const struct tree_visitor visitor = {
      .data = &removal, .enter = enter, .leaf = remove_leaf, .leave = remove_directory, .cancel = cancel};
  for (;;) {
    int fd = openat2(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    if (fd < 0) return errno == ENOENT ? 0 : errno == EXDEV ? EBUSY : errno;
    int error = tree_walk(fd, &visitor, failed);
    close(fd);
    if (error == 0) error = remove_directory(&removal, directory, name);
    if (error != EAGAIN) return error;
  }
}

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
