/*
 * Mounting a file system through a file system context, which has no limit on the number of parameters.
 * man pages: fsopen(2), fsconfig(2), fsmount(2), move_mount(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct fs_mount_job {
  struct job job;
  char *type;
  char **parameters; /* triples: kind, key, value; see apply_parameter */
  char *target;
  uint32_t attributes; /* MOUNT_ATTR_* */
};

/* What the kernel had to say about the last failure on this context: lines such as "e overlay: bad option". */
static void add_kernel_log(struct job *job, int context) {
  char line[512];
  ssize_t length = read(context, line, sizeof line - 1);
  if (length <= 2) return;
  line[length] = '\0';
  line[strcspn(line, "\n")] = '\0';
  job_detail(job, "%s", line + 2);
}

/* Kinds: "flag" (no value), "string", "directory" (the value is a path, handed over as a descriptor). */
static int apply_parameter(int context, const char *kind, const char *key, const char *value) {
  if (strcmp(kind, "flag") == 0) return fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0);
  if (strcmp(kind, "string") == 0) return fsconfig(context, FSCONFIG_SET_STRING, key, value, 0);
  int directory = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -1;
  int result = fsconfig(context, FSCONFIG_SET_FD, key, NULL, directory);
  int error = errno;
  close(directory);
  errno = error;
  return result;
}

static bool configure(struct fs_mount_job *mount_job, int context) {
  struct job *job = &mount_job->job;
  for (char **each = mount_job->parameters; *each != NULL; each += 3) {
    if (apply_parameter(context, each[0], each[1], each[2]) == 0) continue;
    job_fail(job, errno, "fsconfig", mount_job->target);
    add_kernel_log(job, context);
    job_detail(job, "mount option %s", each[1]);
    return false;
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) return true;
  job_fail(job, errno, "fsconfig", mount_job->target);
  add_kernel_log(job, context);
  return false;
}

static void run(struct job *job) {
  struct fs_mount_job *mount_job = (struct fs_mount_job *)job;
  int context = fsopen(mount_job->type, FSOPEN_CLOEXEC);
  if (context < 0) {
    job_fail(job, errno, "fsopen", mount_job->target);
    job_detail(job, "file system type %s", mount_job->type);
    return;
  }
  if (configure(mount_job, context)) {
    int detached = fsmount(context, FSMOUNT_CLOEXEC, mount_job->attributes);
    if (detached < 0) {
      job_fail(job, errno, "fsmount", mount_job->target);
      add_kernel_log(job, context);
    } else {
      /* As with mount(2), a symbolic link as target is followed. */
      if (move_mount(detached, "", AT_FDCWD, mount_job->target, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) != 0)
        job_fail(job, errno, "move_mount", mount_job->target);
      close(detached);
    }
  }
  close(context);
}

static void release(struct job *job) {
  struct fs_mount_job *mount_job = (struct fs_mount_job *)job;
  free(mount_job->type);
  free_strings(mount_job->parameters);
  free(mount_job->target);
}

/* fsMount(type, parameters, target, attributes): Promise<void> */
napi_value fs_mount(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct fs_mount_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->type) || !arg_strings(&args, 1, &job->parameters) ||
      !arg_string(&args, 2, &job->target) || !arg_uint32(&args, 3, &job->attributes)) {
    job_discard(env, &job->job);
    return NULL;
  }
  size_t count = 0;
  while (job->parameters[count] != NULL) count++;
  if (count % 3 != 0) {
    job_discard(env, &job->job);
    return throw_errno(env, EINVAL, "fsconfig", NULL);
  }
  return job_start(env, &job->job, JOB_POOL);
}
