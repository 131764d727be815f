/* An external logging program (binary:// URIs): fd 3 reads stdout, fd 4 reads stderr, fd 5 tells when it is ready. */
#pragma once
#include "job.h"

struct logger {
	struct job job;
	struct watch ready_watch;
	struct timer timer;
	bool strict;   /* binary-v2: closing fd 5 without a byte is a failure */
	bool exited;
	/* ok false: the program ended, or closed fd 5 too early */
	void (*ready)(struct logger *l, bool ok);
	void (*ended)(struct logger *l);
	void *owner;   /* for the callbacks */
};

/*
 * Starts the program of `uri` with the read ends of two fresh pipes; their write ends (non-blocking) are returned
 * in sink[0] (stdout) and sink[1] (stderr). 0, or -1 with errno.
 */
int logger_start(struct logger *l, const char *uri, const char *id, const char *ns, int sink[2],
		 void (*ready)(struct logger *, bool));
/* Its pipes are closed: gives it a second to end, then SIGTERM, then SIGKILL. `ended` runs when it is gone. */
void logger_finish(struct logger *l, void (*ended)(struct logger *));
/* Kills it at once and forgets it. Idempotent. */
void logger_drop(struct logger *l);
