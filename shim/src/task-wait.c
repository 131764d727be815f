#include <stddef.h>

#include "task.h"

void task_reply_wait(struct call *c, const struct process *p)
{
	struct buf b = {0};
	pb_uint(&b, 1, p->exit_status);
	pb_time(&b, 2, p->exited_at.tv_sec, (int32_t)p->exited_at.tv_nsec);
	call_reply(c, &b);
}

static void unlink_waiter(struct call *c)
{
	struct process *p = c->owner;
	struct call **at = &p->waiters;
	while (*at != c)
		at = &(*at)->queued;
	*at = c->queued;
}

static void on_gone(struct call *c)
{
	unlink_waiter(c);
	call_error(c, RPC_CANCELED, "context canceled");
}

static void on_deadline(struct timer *t)
{
	struct call *c = CONTAINER_OF(t, struct call, timer);
	unlink_waiter(c);
	call_error(c, RPC_DEADLINE_EXCEEDED, "context deadline exceeded");
}

void task_wait(struct call *c)
{
	struct process *p = task_process(c);
	if (!p)
		return;
	if (p->state == STATE_STOPPED || p->state == STATE_DELETED) {
		task_reply_wait(c, p);
		return;
	}
	c->owner = p;
	c->gone = on_gone;
	c->queued = p->waiters;
	p->waiters = c;
	if (c->deadline_ms)
		loop_timer(&c->timer, call_left_ms(c, UINT64_MAX), on_deadline);
}
