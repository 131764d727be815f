/*
 * Cgroup statistics of a container. Its place is taken from /proc/<pid>/cgroup when it is created, because later its
 * init may have moved.
 */
#pragma once
#include <sys/types.h>

#include "buf.h"
#include "cgroup-host.h"

/* The text of /proc/<pid>/cgroup, in fresh memory; NULL when it cannot be read. */
char *cgroup_of(pid_t pid);
/* Whether such a text names the cgroup of container `id`, or one below it. */
bool cgroup_names(const char *cgroup, const char *id);
/* Directory of a v1 controller ("" when the hierarchy is unified) for such a text, in fresh memory; NULL: none. */
char *cgroup_dir(const char *cgroup, const char *controller);
/* Appends io.containerd.cgroups.v1.Metrics. 0, or -1 when no cgroup is left. */
int cgroup_v1_metrics(const char *cgroup, struct buf *out);
/* Appends io.containerd.cgroups.v2.Metrics. 0, or -1 when no cgroup is left. */
int cgroup_v2_metrics(const char *cgroup, struct buf *out);
/* Moves pid into the cgroup `path` of every mounted hierarchy. 0, or -1 with errno. */
int cgroup_join(const char *path, pid_t pid);
/*
 * Removes the cgroup `path` from every mounted hierarchy. What still ends in it is waited for, for a second in all.
 * 0, or -1 with errno.
 */
int cgroup_remove(const char *path);
