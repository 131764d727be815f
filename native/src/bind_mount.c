/*
 * Bind mounts whose flags and id maps are in force from the first moment they can be seen.
 * man pages: open_tree(2), mount_setattr(2), move_mount(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"
#include "job.h"
#include "user_namespace.h"

struct bind_job {
  struct job job;
  char *source;
  char *target;
  bool recursive;
  uint32_t set;   /* MOUNT_ATTR_* */
  uint32_t clear; /* MOUNT_ATTR_* */
  char *uid_map;  /* as user_namespace takes it; NULL for files with their own owners */
  char *gid_map;
};

/* Has the mounts of the tree show other owners than the files have. */
static bool map_ids(struct bind_job *bind, int tree) {
  const char *failed;
  int namespace = user_namespace(bind->uid_map, bind->gid_map, &failed);
  if (namespace < 0) {
    job_fail(&bind->job, errno, failed, bind->target);
    return false;
  }
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)namespace};
  unsigned flags = AT_EMPTY_PATH | (bind->recursive ? AT_RECURSIVE : 0);
  int result = mount_setattr(tree, "", flags, &attributes, sizeof attributes);
  if (result != 0) {
    job_fail(&bind->job, errno, "mount_setattr", bind->target);
    job_detail(&bind->job, "the file system of %s may not support id-mapped mounts", bind->source);
  }
  close(namespace);
  return result == 0;
}

static void run(struct job *job) {
  struct bind_job *bind = (struct bind_job *)job;
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (bind->recursive ? AT_RECURSIVE : 0);
  int tree = open_tree(AT_FDCWD, bind->source, flags);
  if (tree < 0) {
    job_fail(job, errno, "open_tree", bind->source);
    return;
  }
  struct mount_attr attributes = {.attr_set = bind->set, .attr_clr = bind->clear};
  /* Only the top mount: a recursive bind leaves the flags of the mounts below it alone, as mount(2) does. */
  if ((bind->set | bind->clear) != 0 &&
      mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
    job_fail(job, errno, "mount_setattr", bind->target);
  else if (bind->uid_map != NULL && !map_ids(bind, tree))
    ; /* told by map_ids */
  else if (move_mount(tree, "", AT_FDCWD, bind->target, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) != 0)
    job_fail(job, errno, "move_mount", bind->target);
  close(tree);
}

static void release(struct job *job) {
  struct bind_job *bind = (struct bind_job *)job;
  free(bind->source);
  free(bind->target);
  free(bind->uid_map);
  free(bind->gid_map);
}

/* bindMount(source, target, recursive, set, clear, uidMap | null, gidMap | null): Promise<void>; maps both or neither. */
napi_value bind_mount(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct bind_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.release = release;
  if (!arg_string(&args, 0, &job->source) || !arg_string(&args, 1, &job->target) ||
      !arg_bool(&args, 2, &job->recursive) || !arg_uint32(&args, 3, &job->set) ||
      !arg_uint32(&args, 4, &job->clear) || !arg_optional_string(&args, 5, &job->uid_map) ||
      !arg_optional_string(&args, 6, &job->gid_map)) {
    job_discard(env, &job->job);
    return NULL;
  }
  return job_start(env, &job->job, JOB_POOL);
}
