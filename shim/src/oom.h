/* Noticing that the kernel killed something in a container for want of memory. */
#pragma once
struct container;

/* Watches c's memory cgroup and publishes /tasks/oom; without one it does nothing. */
void oom_start(struct container *c);
/*
 * Looks a last time and stops. The kernel tells of an OOM only some time after it has killed, so without this the death
 * of init could overtake the news of why.
 */
void oom_finish(struct container *c);
/* Idempotent. */
void oom_stop(struct container *c);
