/* Where the kernel shows cgroups and what belongs to them, and which kind of host this is. */
#pragma once
#include <stdbool.h>

/* True on a host with only the unified hierarchy. */
bool cgroup_unified(void);
/* An absolute path of the host, in fresh memory; NULL when memory is short. */
char *cgroup_host_path(const char *path);
/*
 * For the unit tests, which are its only callers: from now on cgroup_host_path is beneath `root` and cgroup_unified
 * answers `unified`. NULL goes back to the real host.
 */
void cgroup_pretend(const char *root, bool unified);
