/*
 * Telling ext4 that the directories in a directory have nothing to do with each other, so that each gets a block group
 * of its own. Beside much that was deleted a moment ago ext4 is slow to make files: it passes over every inode freed in
 * the last minutes, and looks at all of them again for each new file.
 * man pages: ioctl_iflags(2), chattr(1) (the attribute T)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"

struct spread_job {
  struct job job;
  char *path;
  bool spread;
};

/* Other file systems have no such flag, or no flags; one that refuses to change it is as good without. */
static bool spread(int fd) {
  int flags = 0;
  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return false;
  if ((flags & FS_TOPDIR_FL) != 0) return true;
  flags |= FS_TOPDIR_FL;
  return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void run(struct job *job) {
  struct spread_job *spread_job = (struct spread_job *)job;
  int fd = open(spread_job->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    job_fail(job, errno, "open", spread_job->path);
    return;
  }
  spread_job->spread = spread(fd);
  close(fd);
}

static napi_value result(napi_env env, struct job *job) {
  napi_value spread_value = NULL;
  napi_get_boolean(env, ((struct spread_job *)job)->spread, &spread_value);
  return spread_value;
}

static void release(struct job *job) {
  free(((struct spread_job *)job)->path);
}

/* spreadDirectories(path): Promise<boolean> */
napi_value spread_directories(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct spread_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->path)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_POOL);
}
