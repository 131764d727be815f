#include "task.h"

static unsigned wire_state(const struct process *p)
{
	static const unsigned map[STATES] = {1, 2, 4, 3, 3}; /* containerd.v1.types.Status */
	const struct container *c = p->container;
	/* A frozen container freezes its execs too. */
	if (c->pausing)
		return 5;
	return map[c->init.state == STATE_PAUSED ? STATE_PAUSED : p->state];
}

void task_state(struct call *call)
{
	struct process *p = task_process(call);
	if (!p)
		return;
	struct buf b = {0};
	pb_str(&b, 1, p->id);
	pb_str(&b, 2, p->container->bundle);
	pb_uint(&b, 3, (uint64_t)p->pid);
	pb_uint(&b, 4, wire_state(p));
	pb_str(&b, 5, p->in);
	pb_str(&b, 6, p->out);
	pb_str(&b, 7, p->err);
	pb_uint(&b, 8, p->terminal);
	pb_uint(&b, 9, p->exit_status);
	pb_time(&b, 10, p->exited_at.tv_sec, (int32_t)p->exited_at.tv_nsec);
	call_reply(call, &b);
}
