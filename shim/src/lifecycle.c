#include "lifecycle.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "exit-record.h"
#include "failpoint.h"
#include "log.h"
#include "oom.h"
#include "task.h"

static void answer_waiters(struct process *p)
{
	while (p->waiters) {
		struct call *c = p->waiters;
		p->waiters = c->queued;
		task_reply_wait(c, p);
	}
}

/* State first (the record on disk), then waiters, then the event. */
static void publish_exit(struct process *p)
{
	struct container *c = p->container;
	struct exit_record r = {p->pid, p->exit_status, p->exited_at};
	failpoint(p->kind == PROC_EXEC ? "exec-exit.seen" : "exit.seen");
	if (exit_record_write(c->bundle, p->kind == PROC_EXEC ? p->id : NULL, &r))
		log_warn("cannot write the exit record of %s: %s", p->id, strerror(errno));
	failpoint(p->kind == PROC_EXEC ? "exec-exit.recorded" : "exit.recorded");
	p->state = STATE_STOPPED;
	answer_waiters(p);
	failpoint(p->kind == PROC_EXEC ? "exec-exit.answered" : "exit.answered");
	event_exit(p);
	failpoint(p->kind == PROC_EXEC ? "exec-exit.queued" : "exit.queued");
}

/* A call to the runtime nobody waits for. */
struct errand {
	struct runc_call call;
	struct container *container;
	bool kill; /* the kill of the rest, whose end init's exit waits for */
};

static void init_exit_ready(struct container *c)
{
	if (c->init_dead && !c->killing && !c->running_execs && c->init.state != STATE_STOPPED) {
		oom_finish(c);
		publish_exit(&c->init);
	}
}

static void on_errand_done(struct job *j)
{
	struct errand *e = CONTAINER_OF(j, struct errand, call.job);
	struct container *c = e->container;
	bool kill = e->kill;
	if (kill && !runc_ok(&e->call)) {
		struct buf text = {0};
		runc_error(&e->call, "OCI runtime killall failed", &text);
		log_warn("%s", buf_cstr(&text));
		buf_free(&text);
	}
	job_drop(j);
	free(e);
	if (kill) {
		c->killing = false;
		init_exit_ready(c);
	}
	container_release(c);
}

static bool run_errand(struct container *c, const char *const *args, bool kill)
{
	struct errand *e = calloc(1, sizeof *e);
	if (!e)
		return false;
	e->container = c;
	e->kill = kill;
	container_hold(c);
	if (!runc_run(&e->call, &c->runc, args, NULL, -1, RUNC_TIMEOUT_MS, on_errand_done))
		return true;
	container_release(c);
	free(e);
	return false;
}

static void init_died(struct container *c)
{
	bool paused = c->init.state == STATE_PAUSED;
	c->init_dead = true;
	/* Frozen processes do not die of a signal before they are thawed. */
	if (paused)
		run_errand(c, (const char *[]){"resume", c->id, NULL}, false);
	if (c->kill_all)
		c->killing = run_errand(c, (const char *[]){"kill", "--all", c->id, "9", NULL}, true);
	init_exit_ready(c);
}

static void process_died(struct process *p, unsigned status, struct timespec at)
{
	struct container *c = p->container;
	p->exit_status = status;
	p->exited_at = at;
	if (p->kind == PROC_INIT) {
		init_died(c);
		return;
	}
	publish_exit(p);
	c->running_execs--;
	init_exit_ready(c);
}

static void on_death(struct child *ch, unsigned status, struct timespec at)
{
	process_died(CONTAINER_OF(ch, struct process, child), status, at);
}

static void on_early_death(struct child *ch, unsigned status, struct timespec at)
{
	struct process *p = CONTAINER_OF(ch, struct process, child);
	p->died_early = true;
	p->early_status = status;
	p->early_at = at;
}

void lifecycle_defer(struct process *p)
{
	reap_watch(&p->child, p->pid, on_early_death);
}

void lifecycle_follow(struct process *p)
{
	if (p->state == STATE_STOPPED || (p->kind == PROC_INIT && p->container->init_dead))
		return;
	if (p->died_early || reap_claim(p->pid, &p->early_status, &p->early_at)) {
		p->died_early = false;
		reap_unwatch(&p->child);
		process_died(p, p->early_status, p->early_at);
		return;
	}
	reap_watch(&p->child, p->pid, on_death);
}

void lifecycle_exec_failed(struct process *p)
{
	p->state = STATE_STOPPED;
	p->exit_status = 255;
	answer_waiters(p);
	p->container->running_execs--;
	init_exit_ready(p->container);
}
