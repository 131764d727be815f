#include "event.h"

#include "publisher.h"

static void send_id(const char *topic, const char *type, const struct container *c)
{
	struct buf b = {0};
	pb_str(&b, 1, c->id);
	publisher_send(topic, type, &b);
}

void event_create(const struct container *c, const struct call *request)
{
	const struct process *p = &c->init;
	struct buf b = {0}, io = {0};
	pb_str(&b, 1, c->id);
	pb_str(&b, 2, c->bundle);
	struct pb r = call_fields(request);
	while (pb_next(&r))
		if (pb_is(&r, 3, PB_BYTES))
			pb_bytes(&b, 3, r.data, r.len);
	pb_str(&io, 1, p->in);
	pb_str(&io, 2, p->out);
	pb_str(&io, 3, p->err);
	pb_uint(&io, 4, p->terminal);
	pb_message(&b, 4, &io);
	pb_str(&b, 5, c->checkpoint ? c->checkpoint : "");
	pb_uint(&b, 6, (uint64_t)p->pid);
	buf_free(&io);
	publisher_send("/tasks/create", "containerd.events.TaskCreate", &b);
}

void event_start(const struct process *p)
{
	struct buf b = {0};
	pb_str(&b, 1, p->container->id);
	if (p->kind == PROC_EXEC)
		pb_str(&b, 2, p->id);
	pb_uint(&b, p->kind == PROC_EXEC ? 3 : 2, (uint64_t)p->pid);
	if (p->kind == PROC_EXEC)
		publisher_send("/tasks/exec-started", "containerd.events.TaskExecStarted", &b);
	else
		publisher_send("/tasks/start", "containerd.events.TaskStart", &b);
}

void event_exec_added(const struct process *p)
{
	struct buf b = {0};
	pb_str(&b, 1, p->container->id);
	pb_str(&b, 2, p->id);
	publisher_send("/tasks/exec-added", "containerd.events.TaskExecAdded", &b);
}

void event_exit(const struct process *p)
{
	struct buf b = {0};
	pb_str(&b, 1, p->container->id);
	pb_str(&b, 2, p->id);
	pb_uint(&b, 3, (uint64_t)p->pid);
	pb_uint(&b, 4, p->exit_status);
	pb_time(&b, 5, p->exited_at.tv_sec, (int32_t)p->exited_at.tv_nsec);
	publisher_send("/tasks/exit", "containerd.events.TaskExit", &b);
}

void event_delete(const struct process *p)
{
	struct buf b = {0};
	pb_str(&b, 1, p->container->id);
	pb_uint(&b, 2, (uint64_t)p->pid);
	pb_uint(&b, 3, p->exit_status);
	pb_time(&b, 4, p->exited_at.tv_sec, (int32_t)p->exited_at.tv_nsec);
	publisher_send("/tasks/delete", "containerd.events.TaskDelete", &b);
}

void event_paused(const struct container *c)
{
	send_id("/tasks/paused", "containerd.events.TaskPaused", c);
}

void event_resumed(const struct container *c)
{
	send_id("/tasks/resumed", "containerd.events.TaskResumed", c);
}

void event_checkpointed(const struct container *c, const char *path)
{
	struct buf b = {0};
	pb_str(&b, 1, c->id);
	pb_str(&b, 2, path);
	publisher_send("/tasks/checkpointed", "containerd.events.TaskCheckpointed", &b);
}

void event_oom(const struct container *c)
{
	send_id("/tasks/oom", "containerd.events.TaskOOM", c);
}
