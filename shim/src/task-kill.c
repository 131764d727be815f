#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "failpoint.h"
#include "task.h"

static bool says(const char *text, const char *what)
{
	return strcasestr(text, what) != NULL;
}

static void on_killed(struct task_op *op)
{
	struct buf text = {0};
	failpoint("kill.sent");
	if (runc_ok(&op->runc)) {
		call_reply(op->call, NULL);
		return;
	}
	runc_failure(&op->runc, &text);
	const char *s = buf_cstr(&text);
	if (says(s, "os: process already finished") || says(s, "container not running") || says(s, "no such process"))
		call_error(op->call, RPC_NOT_FOUND, "process already finished: not found");
	else if (says(s, "does not exist"))
		call_error(op->call, RPC_NOT_FOUND, "no such container: not found");
	else
		call_error(op->call, RPC_UNKNOWN, "unknown error after kill: %s did not terminate successfully: %s",
			   op->runc.runc->binary, s);
	buf_free(&text);
}

static void kill_init(struct call *call, struct process *p, uint64_t signal)
{
	char number[16];
	bool all = task_number(call, 4);
	const char *args[5] = {"kill"};
	unsigned n = 1;
	if (p->state == STATE_STOPPED && !all) {
		call_error(call, RPC_NOT_FOUND, "process already finished: not found");
		return;
	}
	if (all)
		args[n++] = "--all";
	args[n++] = p->container->id;
	snprintf(number, sizeof number, "%u", (unsigned)signal);
	args[n] = number;
	task_op_run(call, p, args, -1, on_killed);
}

void task_kill(struct call *call)
{
	struct process *p = task_process(call);
	if (!p)
		return;
	uint64_t signal = task_number(call, 3);
	/* While an exec is being started it has no pid yet: wait for it rather than refuse. */
	if (p->kind == PROC_EXEC && p->op) {
		process_begin(p, call);
		return;
	}
	if (!task_allowed(call, p, EV_KILL))
		return;
	/* A signal that is none is refused by the runtime, or by the kernel. */
	if (p->kind == PROC_INIT) {
		kill_init(call, p, signal);
	} else if (!kill(p->pid, (int)signal)) {
		/* Not reaped yet (the state says so), hence the pid is still its own. */
		call_reply(call, NULL);
	} else if (errno == ESRCH) {
		call_error(call, RPC_NOT_FOUND, "exec kill error: process already finished: not found");
	} else {
		call_error(call, RPC_UNKNOWN, "exec kill error: unknown error after kill: %s", strerror(errno));
	}
}
