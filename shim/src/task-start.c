#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cgroup.h"
#include "event.h"
#include "failpoint.h"
#include "launch.h"
#include "lifecycle.h"
#include "log.h"
#include "oom.h"
#include "record.h"
#include "task.h"

static void reply_pid(struct call *call, const struct process *p)
{
	struct buf b = {0};
	pb_uint(&b, 1, (uint64_t)p->pid);
	call_reply(call, &b);
}

static void on_init_started(struct task_op *op)
{
	struct process *p = op->process;
	if (runc_ok(&op->runc)) {
		failpoint("run.started");
		p->state = STATE_RUNNING;
		event_start(p);
		failpoint("run.told");
		reply_pid(op->call, p);
	} else {
		task_reply_runc_error(op->call, &op->runc, "OCI runtime start failed");
	}
	process_end(p);
	lifecycle_follow(p);
}

static void on_restored(struct process *p, struct call *call, enum rpc_code code, const char *error)
{
	struct container *c = p->container;
	if (code) {
		call_error(call, code, "%s", error);
	} else {
		p->state = STATE_RUNNING;
		c->cgroup = cgroup_of(p->pid);
		if (record_renew(c))
			log_warn("cannot write the record of %s: %s", c->id, strerror(errno));
		oom_start(c);
		event_start(p);
		reply_pid(call, p);
		lifecycle_follow(p);
	}
	reap_release();
	process_end(p);
}

static void start_init(struct call *call, struct process *p)
{
	if (p->container->checkpoint) {
		reap_hold();
		launch(p, call, on_restored);
		return;
	}
	failpoint("run.asked");
	lifecycle_defer(p);
	task_op_run(call, p, (const char *[]){"start", p->container->id, NULL}, -1, on_init_started);
}

static void on_exec_launched(struct process *p, struct call *call, enum rpc_code code, const char *error)
{
	if (code) {
		call_error(call, code, "%s", error);
		lifecycle_exec_failed(p);
	} else {
		failpoint("exec.started");
		p->state = STATE_RUNNING;
		event_start(p);
		failpoint("exec.told");
		reply_pid(call, p);
		lifecycle_follow(p);
	}
	reap_release();
	process_end(p);
}

static void start_exec(struct call *call, struct process *p)
{
	struct container *c = p->container;
	if (c->init_dead) {
		process_end(p);
		call_error(call, RPC_FAILED_PRECONDITION, "container %s init process is not running: failed precondition",
			   c->id);
		return;
	}
	failpoint("exec.asked");
	c->running_execs++;
	reap_hold();
	launch(p, call, on_exec_launched);
}

void task_start(struct call *call)
{
	struct process *p = task_process(call);
	if (!p || !process_begin(p, call))
		return;
	struct verdict v = state_check(p->kind, p->state, EV_START);
	if (!v.allowed) {
		process_end(p);
		call_error(call, v.code, "%s", v.text);
	} else if (p->kind == PROC_INIT && p->container->init_dead) {
		/* Dead, but its exit is not out yet. */
		process_end(p);
		call_error(call, RPC_UNKNOWN, "cannot start a stopped process");
	} else if (p->kind == PROC_INIT) {
		start_init(call, p);
	} else {
		start_exec(call, p);
	}
}
