/* The task service: one handler per RPC, in a file of the RPC's name, and what they share. */
#pragma once
#include "container.h"

extern const struct method task_methods[];

void task_create(struct call *c);
void task_start(struct call *c);
void task_state(struct call *c);
void task_wait(struct call *c);
void task_kill(struct call *c);
void task_delete(struct call *c);
void task_exec(struct call *c);
void task_pids(struct call *c);
void task_pause(struct call *c);
void task_resume(struct call *c);
void task_checkpoint(struct call *c);
void task_update(struct call *c);
void task_resize_pty(struct call *c);
void task_close_io(struct call *c);
void task_stats(struct call *c);
void task_connect(struct call *c);
void task_shutdown(struct call *c);
void task_adopt(struct call *c);

/* The container named by field 1; NULL when there is none: the call has been answered then. */
struct container *task_container(struct call *c);
/* The process named by fields 1 and 2, likewise. */
struct process *task_process(struct call *c);
/* True when the table allows the event now; otherwise the call has been answered. */
bool task_allowed(struct call *c, const struct process *p, enum proc_event event);
/* A string field in fresh memory: "" when absent; NULL (answered) when malformed or memory is short. */
char *task_text(struct call *c, uint32_t field);
/* A number or bool field; 0 when absent. */
uint64_t task_number(const struct call *c, uint32_t field);
/* Answers a WaitRequest with p's exit. */
void task_reply_wait(struct call *c, const struct process *p);
/* Answers with UNKNOWN and the runtime's error; frees the call's captured output. */
void task_reply_runc_error(struct call *c, struct runc_call *r, const char *what);

/* A runtime call made for an RPC on a process that task_begin has claimed. */
struct task_op {
	struct runc_call runc; /* first: see runc_call */
	struct call *call;
	struct process *process;
};

/*
 * Runs the runtime for an RPC that needs only its success: `done` gets the op, must answer op->call, and the op is
 * freed after it. When the runtime cannot be started, done runs at once. in_fd (-1: none) becomes the runtime's
 * stdin and is closed.
 */
void task_op_run(struct call *c, struct process *p, const char *const *args, int in_fd, void (*done)(struct task_op *));
/* The same with something for `done` to find in op->runc.owner. */
void task_op_run_for(struct call *c, struct process *p, void *owner, const char *const *args, int in_fd,
		     void (*done)(struct task_op *));
