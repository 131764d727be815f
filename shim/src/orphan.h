/*
 * Following a process that is not our child: the first process of a container whose shim was killed. Whoever inherited
 * it reaps it; how it ended is asked of the kernel through a pidfd that was open before.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* What is reported when nobody knows how a process ended: containerd's own number for it. */
enum { STATUS_UNKNOWN = 255 };

/*
 * Takes over `pidfd`, and when its process has ended tells whoever waits for `pid` (reap_watch): with its exit status,
 * or STATUS_UNKNOWN where the kernel keeps none (before 6.15) and somebody reaped it first. -1 with errno on failure.
 */
int orphan_follow(pid_t pid, int pidfd);
/* How the process of a pidfd ended: exit code or 128 + signal. False while it runs, or when the kernel does not know. */
bool orphan_status(pid_t pid, int pidfd, unsigned *status);
/* A pidfd of `pid` if that is the process started at that time, else -1 with errno. */
int orphan_open(pid_t pid, unsigned long long start_ticks);
/* Sends a signal through a pidfd. 0, or -1 with errno. */
int orphan_kill(int pidfd, int signal);
/* A copy of descriptor `fd` of the process `holder`, close-on-exec, or -1 with errno. */
int orphan_fetch(pid_t holder, int fd);
