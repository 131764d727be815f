/*
 * Bringing a process to life: streams, console, the runtime's create or exec, the pid. One path for init (create)
 * and execs; on any failure everything begun is undone before `done` is told.
 */
#pragma once
#include "container.h"

/*
 * The caller holds p (process_begin) and a reap_hold. `done` runs once, now or later: with RPC_OK p->pid is set and
 * output flows; otherwise code and error say why. The call is not answered here.
 */
void launch(struct process *p, struct call *call,
	    void (*done)(struct process *p, struct call *call, enum rpc_code code, const char *error));
