/* Noticing that the kernel killed something in a container for want of memory. */
#pragma once
struct container;

/* Watches c's memory cgroup and publishes /tasks/oom; without one it does nothing. */
void oom_start(struct container *c);
/* Idempotent. */
void oom_stop(struct container *c);
