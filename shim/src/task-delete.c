#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "exit-record.h"
#include "failpoint.h"
#include "file.h"
#include "log.h"
#include "mount.h"
#include "record.h"
#include "task.h"

/* How long output that descendants still hold open is waited for, as containerd does. */
enum { DRAIN_TIMEOUT_MS = 10000 };

static void reply(struct call *call, const struct process *p)
{
	struct buf b = {0};
	pb_uint(&b, 1, (uint64_t)p->pid);
	pb_uint(&b, 2, p->exit_status);
	pb_time(&b, 3, p->exited_at.tv_sec, (int32_t)p->exited_at.tv_nsec);
	call_reply(call, &b);
}

static void finish_exec(struct process *p, struct call *call)
{
	struct call *parked = NULL;
	struct buf name = {0};
	buf_fmt(&name, "%s/%s.pid", p->container->bundle, p->id);
	unlink(buf_cstr(&name));
	buf_free(&name);
	failpoint("exec-delete.forgetting");
	exit_record_remove(p->container->bundle, p->id);
	process_take_waiting(p, &parked);
	reply(call, p);
	while (p->waiters) {
		struct call *w = p->waiters;
		p->waiters = w->queued;
		task_reply_wait(w, p);
	}
	process_free(p);
	calls_again(parked);
}

/* Deletes of execs that still wait for output: the container is gone, so there is nothing left to wait for. */
static void finish_draining_execs(struct container *c)
{
	for (struct process *e = c->execs, *next; e; e = next) {
		next = e->next;
		if (e->op) {
			e->streams.drained = NULL;
			loop_untimer(&e->op->timer);
			finish_exec(e, e->op);
		}
	}
}

static void finish_init(struct process *p, struct call *call)
{
	struct container *c = p->container;
	struct call *parked = NULL;
	/* There is nothing to be taken over any more. */
	record_remove(c);
	failpoint("delete.deleted");
	if (c->rootfs && unmount_at_once(c->rootfs))
		log_warn("cannot unmount %s: %s", c->rootfs, strerror(errno));
	failpoint("delete.unmounted");
	p->state = STATE_DELETED;
	c->visible = false;
	process_take_waiting(p, &parked);
	finish_draining_execs(c);
	for (struct process *e = c->execs; e; e = e->next)
		process_take_waiting(e, &parked);
	event_delete(p);
	failpoint("delete.told");
	reply(call, p);
	failpoint("delete.answered");
	while (p->waiters) {
		struct call *w = p->waiters;
		p->waiters = w->queued;
		task_reply_wait(w, p);
	}
	container_free(c);
	calls_again(parked);
}

static void on_runc_deleted(struct task_op *op)
{
	struct process *p = op->process;
	struct buf text = {0};
	bool ok = runc_ok(&op->runc);
	if (!ok) {
		runc_error(&op->runc, "failed to delete task", &text);
		/* Gone already is as good as deleted. */
		ok = strstr(buf_cstr(&text), "does not exist") != NULL;
	}
	if (ok) {
		finish_init(p, op->call);
	} else {
		call_error(op->call, RPC_UNKNOWN, "%s", buf_cstr(&text));
		process_end(p);
	}
	buf_free(&text);
}

static void after_drain(struct process *p)
{
	struct call *call = p->op;
	loop_untimer(&call->timer);
	if (p->kind == PROC_EXEC) {
		finish_exec(p, call);
		return;
	}
	/* A container that never ran is still alive in the runtime and needs force. */
	bool force = !p->container->init_dead;
	const char *args[] = {"delete", force ? "--force" : p->container->id, force ? p->container->id : NULL, NULL};
	task_op_run(call, p, args, -1, on_runc_deleted);
}

static void on_drained(struct streams *s)
{
	after_drain(CONTAINER_OF(s, struct process, streams));
}

static void on_drain_late(struct timer *t)
{
	struct process *p = CONTAINER_OF(t, struct call, timer)->owner;
	log_warn("failed to drain the output of %s in time", p->id);
	p->streams.drained = NULL;
	after_drain(p);
}

void task_delete(struct call *call)
{
	struct process *p = task_process(call);
	if (!p || !process_begin(p, call))
		return;
	struct verdict v = state_check(p->kind, p->state, EV_DELETE);
	if (!v.allowed) {
		process_end(p);
		call_error(call, v.code, "%s", v.text);
		return;
	}
	if (p->kind == PROC_INIT && p->container->running_execs) {
		process_end(p);
		call_error(call, RPC_FAILED_PRECONDITION, "container %s has running processes: failed precondition", p->id);
		return;
	}
	failpoint(p->kind == PROC_EXEC ? "exec-delete.asked" : "delete.asked");
	call->owner = p;
	if (p->state == STATE_CREATED) {
		after_drain(p);
		return;
	}
	loop_timer(&call->timer, DRAIN_TIMEOUT_MS, on_drain_late);
	streams_drain(&p->streams, on_drained);
}
