#include <stdlib.h>

#include "json.h"
#include "task.h"

static void put_pid(struct buf *out, const struct container *c, uint64_t pid)
{
	struct buf info = {0}, details = {0};
	pb_uint(&info, 1, pid);
	for (const struct process *p = c->execs; p; p = p->next)
		if (p->pid == (pid_t)pid && p->state == STATE_RUNNING) {
			pb_str(&details, 1, p->id);
			pb_any(&info, 2, "containerd.runc.v1.ProcessDetails", &details);
			break;
		}
	pb_message(out, 1, &info);
	buf_free(&details);
	buf_free(&info);
}

/* The runtime prints a JSON array of numbers, or null for none. */
static bool put_pids(struct buf *out, const struct container *c, const struct buf *text)
{
	struct json j = json_over((const char *)text->p, text->len);
	enum json_tok t = text->len ? json_next(&j) : JSON_ERROR;
	if (t == JSON_NULL)
		return true;
	if (t != JSON_ARRAY)
		return false;
	while ((t = json_next(&j)) == JSON_NUMBER)
		put_pid(out, c, strtoull(j.text, NULL, 10));
	return t == JSON_ARRAY_END;
}

static void on_listed(struct task_op *op)
{
	struct buf b = {0};
	if (!runc_ok(&op->runc)) {
		struct buf text = {0};
		runc_failure(&op->runc, &text);
		call_error(op->call, RPC_UNKNOWN, "%s", buf_cstr(&text));
		buf_free(&text);
	} else if (!put_pids(&b, op->process->container, &op->runc.job.out)) {
		call_error(op->call, RPC_UNKNOWN, "the runtime's process list is malformed");
	} else {
		call_reply(op->call, &b);
	}
	buf_free(&b);
}

void task_pids(struct call *call)
{
	struct container *c = task_container(call);
	if (c)
		task_op_run(call, &c->init, (const char *[]){"ps", "--format", "json", c->id, NULL}, -1, on_listed);
}
