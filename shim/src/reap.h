/* Collects dead children: our own jobs, container processes, and strays that a subreaper inherits. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* A pid somebody waits for. fn runs once, after the entry was removed. */
struct child {
	struct child *next;
	pid_t pid;
	bool on;
	/* status: exit code, or 128 + signal number; at: wall clock when the death was noticed */
	void (*fn)(struct child *c, unsigned status, struct timespec at);
};

/* Blocks SIGCHLD, makes this process a subreaper and watches for deaths. -1 with errno on failure. */
int reap_init(void);
void reap_watch(struct child *c, pid_t pid, void (*fn)(struct child *, unsigned, struct timespec));
void reap_unwatch(struct child *c);
/* Tells whoever waits for pid that it has ended; what the loop does for children. */
void reap_tell(pid_t pid, unsigned status, struct timespec at);
/*
 * While at least one hold is taken, deaths of unknown pids are remembered (latest per pid), so that a process which
 * dies before its pid was read from the pid file can still be claimed. The last release forgets them.
 */
void reap_hold(void);
void reap_release(void);
/* True when pid died while a hold was in force; fills status and time. */
bool reap_claim(pid_t pid, unsigned *status, struct timespec *at);
