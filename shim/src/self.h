/* What the serving process arranges for itself; each is a warning where the kernel does not permit it. */
#pragma once

/* One point above whoever started it, so that the kernel prefers to kill a shim before the daemon. */
void self_raise_oom_score(void);
/*
 * With SCHED_CORE in the environment: a core scheduling group of its own, which its container inherits, so that no
 * foreign process runs on the sibling of a core while one of these does.
 */
void self_schedule_apart(void);
