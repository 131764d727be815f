/* The end of processes: order of exits, the exit record, waiters and events. */
#pragma once
#include "container.h"

/*
 * Called when p->pid is known and `started` events are out: from now on its death is handled as it comes; a death
 * noticed before (see reap_claim, died_early) is handled at once.
 */
void lifecycle_follow(struct process *p);
/* Before a start of init: a death from here on waits for the start event. */
void lifecycle_defer(struct process *p);
/* An exec start has ended without a process: it no longer counts as running. */
void lifecycle_exec_failed(struct process *p);
