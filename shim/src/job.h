/* A helper program run beside the loop: bounded time, bounded captured output, one callback at the end. */
#pragma once
#include "buf.h"
#include "loop.h"
#include "reap.h"
#include "spawn.h"

enum { JOB_OUTPUT_MAX = 1 << 20 };

struct job {
	struct child child;
	struct timer deadline;
	struct watch out_watch;
	struct buf out;  /* captured stdout and stderr, first JOB_OUTPUT_MAX bytes */
	bool running, timed_out;
	unsigned status; /* exit code, or 128 + signal */
	void (*done)(struct job *j);
};

/*
 * Starts `s`; done runs from the loop when the program has ended (killed after timeout_ms; 0 = no limit).
 * With capture, fds 1 and 2 of the child are a pipe read into j->out. 0, or -1 with errno and done never runs.
 */
int job_start(struct job *j, struct spawn *s, bool capture, uint64_t timeout_ms, void (*done)(struct job *));
/* Kills a running job without calling done, and frees its output. Idempotent. */
void job_drop(struct job *j);
