#include "state.h"

#define OK {true, RPC_OK, 0}
/* containerd answers these with plain errors, hence UNKNOWN: clients match on the text */
#define NO(text) {false, RPC_UNKNOWN, text}
#define GONE(text) {false, RPC_NOT_FOUND, text ": not found"}
#define EARLY(text) {false, RPC_FAILED_PRECONDITION, text ": failed precondition"}

static const struct verdict table[PROC_KINDS][STATES][EVENTS] = {
	[PROC_INIT] = {
		[STATE_CREATED] = {
			[EV_START] = OK, [EV_DELETE] = OK, [EV_UPDATE] = OK, [EV_EXEC] = OK, [EV_KILL] = OK, [EV_RESIZE] = OK,
			[EV_PAUSE] = NO("cannot pause task in created state"),
			[EV_RESUME] = NO("cannot resume task in created state"),
			[EV_CHECKPOINT] = NO("cannot checkpoint a task in created state"),
		},
		[STATE_RUNNING] = {
			[EV_PAUSE] = OK, [EV_UPDATE] = OK, [EV_EXEC] = OK, [EV_KILL] = OK, [EV_RESIZE] = OK, [EV_CHECKPOINT] = OK,
			[EV_START] = NO("cannot start a running process"),
			[EV_DELETE] = NO("cannot delete a running process"),
			[EV_RESUME] = NO("cannot resume a running process"),
		},
		[STATE_PAUSED] = {
			[EV_RESUME] = OK, [EV_UPDATE] = OK, [EV_KILL] = OK, [EV_RESIZE] = OK, [EV_CHECKPOINT] = OK,
			[EV_START] = NO("cannot start a paused process"),
			[EV_DELETE] = NO("cannot delete a paused process"),
			[EV_PAUSE] = NO("cannot pause a paused container"),
			[EV_EXEC] = NO("cannot exec in a paused state"),
		},
		[STATE_STOPPED] = {
			[EV_DELETE] = OK, [EV_KILL] = OK, [EV_RESIZE] = OK,
			[EV_START] = NO("cannot start a stopped process"),
			[EV_PAUSE] = NO("cannot pause a stopped container"),
			[EV_RESUME] = NO("cannot resume a stopped container"),
			[EV_UPDATE] = NO("cannot update a stopped container"),
			[EV_EXEC] = NO("cannot exec in a stopped state"),
			[EV_CHECKPOINT] = NO("cannot checkpoint a stopped container"),
		},
		[STATE_DELETED] = {
			[EV_START] = NO("cannot start a deleted process"),
			[EV_DELETE] = GONE("cannot delete a deleted process"),
			[EV_PAUSE] = NO("cannot pause a deleted process"),
			[EV_RESUME] = NO("cannot resume a deleted process"),
			[EV_UPDATE] = NO("cannot update a deleted process"),
			[EV_EXEC] = NO("cannot exec in a deleted state"),
			[EV_CHECKPOINT] = NO("cannot checkpoint a deleted process"),
			[EV_KILL] = GONE("cannot kill a deleted process"),
			[EV_RESIZE] = NO("cannot resize a deleted process"),
		},
	},
	[PROC_EXEC] = {
		[STATE_CREATED] = {
			[EV_START] = OK, [EV_DELETE] = OK, [EV_RESIZE] = OK,
			[EV_KILL] = EARLY("process not created"),
		},
		[STATE_RUNNING] = {
			[EV_KILL] = OK, [EV_RESIZE] = OK,
			[EV_START] = NO("cannot start a running process"),
			[EV_DELETE] = NO("cannot delete a running process"),
		},
		[STATE_STOPPED] = {
			[EV_DELETE] = OK,
			[EV_START] = NO("cannot start a stopped process"),
			[EV_KILL] = GONE("process already finished"),
			[EV_RESIZE] = NO("cannot resize a stopped container"),
		},
		[STATE_DELETED] = {
			[EV_START] = NO("cannot start a deleted process"),
			[EV_DELETE] = GONE("cannot delete a deleted process"),
			[EV_KILL] = GONE("cannot kill a deleted process"),
			[EV_RESIZE] = NO("cannot resize a deleted process"),
		},
	},
};

struct verdict state_check(enum proc_kind kind, enum proc_state state, enum proc_event event)
{
	struct verdict v = table[kind][state][event];
	if (!v.allowed && !v.text)
		v = (struct verdict)EARLY("not possible in this state");
	return v;
}
