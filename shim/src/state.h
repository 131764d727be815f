/*
 * What a process allows in which state: one table of (kind, state, event). A pair the table does not name is refused
 * with FAILED_PRECONDITION.
 */
#pragma once
#include <stdbool.h>

#include "ttrpc.h"

enum proc_kind { PROC_INIT, PROC_EXEC, PROC_KINDS };
enum proc_state { STATE_CREATED, STATE_RUNNING, STATE_PAUSED, STATE_STOPPED, STATE_DELETED, STATES };
enum proc_event { EV_START, EV_DELETE, EV_PAUSE, EV_RESUME, EV_UPDATE, EV_EXEC, EV_KILL, EV_RESIZE, EV_CHECKPOINT, EVENTS };

struct verdict {
	bool allowed;
	enum rpc_code code; /* when refused */
	const char *text;
};

struct verdict state_check(enum proc_kind kind, enum proc_state state, enum proc_event event);
