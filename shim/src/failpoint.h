/*
 * Named moments at which the fault tests kill a process. Off unless the environment has GANTRY_SHIM_FAILPOINTS, the path
 * of a directory: passing a point takes away the file of its name there, and kills the process whose id it holds, or
 * this one if it holds none. So each file works once, whoever passes the point first.
 */
#pragma once

extern const char *failpoint_directory;

void failpoint_init(void);
void failpoint_pass(const char *name);

static inline void failpoint(const char *name)
{
	if (failpoint_directory)
		failpoint_pass(name);
}
