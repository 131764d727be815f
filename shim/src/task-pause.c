#include "adopt.h"
#include "event.h"
#include "failpoint.h"
#include "task.h"

/* A runtime that was killed over it may have done it all the same. */
static void look_again(struct container *c)
{
	struct process *p = &c->init;
	if (c->cgroup && !c->init_dead && (p->state == STATE_RUNNING || p->state == STATE_PAUSED))
		p->state = adopt_state(c);
}

static void on_paused(struct task_op *op)
{
	struct container *c = op->process->container;
	failpoint("pause.done");
	c->pausing = false;
	if (runc_ok(&op->runc)) {
		if (!c->init_dead)
			c->init.state = STATE_PAUSED;
		event_paused(c);
		call_reply(op->call, NULL);
	} else {
		look_again(c);
		task_reply_runc_error(op->call, &op->runc, "OCI runtime pause failed");
	}
	process_end(op->process);
}

static void on_resumed(struct task_op *op)
{
	struct container *c = op->process->container;
	failpoint("resume.done");
	if (runc_ok(&op->runc)) {
		if (c->init.state == STATE_PAUSED)
			c->init.state = STATE_RUNNING;
		event_resumed(c);
		call_reply(op->call, NULL);
	} else {
		look_again(c);
		task_reply_runc_error(op->call, &op->runc, "OCI runtime resume failed");
	}
	process_end(op->process);
}

static void run(struct call *call, enum proc_event event, const char *verb, void (*done)(struct task_op *))
{
	struct container *c = task_container(call);
	if (!c || !process_begin(&c->init, call))
		return;
	struct verdict v = state_check(PROC_INIT, c->init.state, event);
	if (!v.allowed) {
		process_end(&c->init);
		call_error(call, v.code, "%s", v.text);
		return;
	}
	c->pausing = event == EV_PAUSE;
	task_op_run(call, &c->init, (const char *[]){verb, c->id, NULL}, -1, done);
}

void task_pause(struct call *call)
{
	run(call, EV_PAUSE, "pause", on_paused);
}

void task_resume(struct call *call)
{
	run(call, EV_RESUME, "resume", on_resumed);
}
