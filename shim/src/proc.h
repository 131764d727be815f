/* What /proc tells of a process that need not be our child. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
	char state;           /* 'Z': ended, not reaped yet */
	uint64_t start_ticks; /* since boot; with the pid it tells a process from a later one */
	int wait_status;      /* of a zombie, as wait(2) gives it */
};

/* False when there is no such process. */
bool proc_stat_read(pid_t pid, struct proc_stat *s);
