#include "task.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct method task_methods[] = {
	{"State", task_state},
	{"Create", task_create},
	{"Start", task_start},
	{"Delete", task_delete},
	{"Pids", task_pids},
	{"Pause", task_pause},
	{"Resume", task_resume},
	{"Checkpoint", task_checkpoint},
	{"Kill", task_kill},
	{"Exec", task_exec},
	{"ResizePty", task_resize_pty},
	{"CloseIO", task_close_io},
	{"Update", task_update},
	{"Wait", task_wait},
	{"Stats", task_stats},
	{"Connect", task_connect},
	{"Shutdown", task_shutdown},
	/* gantry.shim.v1.Shim */
	{"Adopt", task_adopt},
	{NULL, NULL},
};

char *task_text(struct call *c, uint32_t field)
{
	struct pb r = call_fields(c);
	char *s = strdup("");
	while (s && pb_next(&r))
		if (pb_is(&r, field, PB_BYTES)) {
			free(s);
			s = pb_strdup(&r);
		}
	if (!s)
		call_error(c, RPC_INVALID_ARGUMENT, "malformed text in field %u: invalid argument", field);
	return s;
}

uint64_t task_number(const struct call *c, uint32_t field)
{
	struct pb r = call_fields(c);
	uint64_t v = 0;
	while (pb_next(&r))
		if (pb_is(&r, field, PB_VARINT))
			v = r.num;
	return v;
}

struct container *task_container(struct call *call)
{
	char *id = task_text(call, 1);
	if (!id)
		return NULL;
	struct container *c = container_find(id);
	free(id);
	if (!c)
		call_error(call, RPC_NOT_FOUND, "container not created: not found");
	return c;
}

struct process *task_process(struct call *call)
{
	struct container *c = task_container(call);
	char *exec_id = c ? task_text(call, 2) : NULL;
	if (!exec_id)
		return NULL;
	struct process *p = process_find(c, exec_id);
	if (!p)
		call_error(call, RPC_NOT_FOUND, "process does not exist %s: not found", exec_id);
	free(exec_id);
	return p;
}

bool task_allowed(struct call *c, const struct process *p, enum proc_event event)
{
	struct verdict v = state_check(p->kind, p->state, event);
	if (!v.allowed)
		call_error(c, v.code, "%s", v.text);
	return v.allowed;
}

void task_reply_runc_error(struct call *c, struct runc_call *r, const char *what)
{
	struct buf text = {0};
	runc_error(r, what, &text);
	call_error(c, RPC_UNKNOWN, "%s", buf_cstr(&text));
	buf_free(&text);
}

struct pending {
	struct task_op op;
	void (*done)(struct task_op *);
};

static void on_done(struct job *j)
{
	struct pending *p = CONTAINER_OF(j, struct pending, op.runc.job);
	struct container *c = p->op.process->container;
	p->done(&p->op);
	job_drop(&p->op.runc.job);
	free(p);
	container_release(c);
}

void task_op_run(struct call *c, struct process *p, const char *const *args, int in_fd, void (*done)(struct task_op *))
{
	task_op_run_for(c, p, NULL, args, in_fd, done);
}

void task_op_run_for(struct call *c, struct process *p, void *owner, const char *const *args, int in_fd,
		     void (*done)(struct task_op *))
{
	struct pending *o = calloc(1, sizeof *o);
	if (!o) {
		/* Told like any runtime that cannot be started, so that done releases what was claimed. */
		struct task_op op = {.runc = {.runc = &p->container->runc, .verb = args[0], .start_errno = ENOMEM,
					      .owner = owner},
				     .call = c, .process = p};
		done(&op);
		if (in_fd >= 0)
			close(in_fd);
		return;
	}
	o->op.call = c;
	o->op.process = p;
	o->op.runc.owner = owner;
	o->done = done;
	container_hold(p->container);
	if (runc_run(&o->op.runc, &p->container->runc, args, NULL, in_fd, call_left_ms(c, RUNC_TIMEOUT_MS), on_done))
		on_done(&o->op.runc.job);
	if (in_fd >= 0)
		close(in_fd);
}
