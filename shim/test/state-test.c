#include "check.h"
#include "state.h"

static void refuses(enum proc_kind k, enum proc_state s, enum proc_event e, enum rpc_code code, const char *text)
{
	struct verdict v = state_check(k, s, e);
	CHECK(!v.allowed && v.code == code);
	CHECK_STR(v.text, text);
}

void test_state(void)
{
	CHECK(state_check(PROC_INIT, STATE_CREATED, EV_START).allowed);
	CHECK(state_check(PROC_INIT, STATE_PAUSED, EV_KILL).allowed);
	CHECK(state_check(PROC_EXEC, STATE_STOPPED, EV_DELETE).allowed);
	refuses(PROC_INIT, STATE_RUNNING, EV_DELETE, RPC_UNKNOWN, "cannot delete a running process");
	refuses(PROC_INIT, STATE_STOPPED, EV_EXEC, RPC_UNKNOWN, "cannot exec in a stopped state");
	refuses(PROC_EXEC, STATE_STOPPED, EV_KILL, RPC_NOT_FOUND, "process already finished: not found");
	refuses(PROC_EXEC, STATE_CREATED, EV_KILL, RPC_FAILED_PRECONDITION, "process not created: failed precondition");
	refuses(PROC_EXEC, STATE_RUNNING, EV_PAUSE, RPC_FAILED_PRECONDITION, "not possible in this state: failed precondition");
	CHECK(state_check(PROC_INIT, STATE_PAUSED, EV_CHECKPOINT).allowed);
	refuses(PROC_INIT, STATE_CREATED, EV_CHECKPOINT, RPC_UNKNOWN, "cannot checkpoint a task in created state");
	/* Whatever the pair, a refusal has a code and a text. */
	for (int k = 0; k < PROC_KINDS; k++)
		for (int s = 0; s < STATES; s++)
			for (int e = 0; e < EVENTS; e++) {
				struct verdict v = state_check((enum proc_kind)k, (enum proc_state)s, (enum proc_event)e);
				CHECK(v.allowed ? !v.code : v.code && v.text && *v.text);
			}
}
