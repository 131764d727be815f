#include "container.h"

#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "oom.h"

struct container *containers;
const char *shim_namespace;

bool id_valid(const char *id)
{
	size_t n = strlen(id);
	if (!n || n > 255 || *id == '-' || *id == '.')
		return false;
	return strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.") == n;
}

void process_init(struct process *p, struct container *c, enum proc_kind kind)
{
	p->container = c;
	p->kind = kind;
	p->console.master = -1;
	p->exited_at.tv_sec = GO_ZERO_TIME;
	streams_init(&p->streams);
}

static void process_clear(struct process *p)
{
	reap_unwatch(&p->child);
	streams_close(&p->streams);
	console_close(&p->console);
	buf_free(&p->spec);
	free(p->in);
	free(p->out);
	free(p->err);
	p->in = p->out = p->err = NULL;
}

struct container *container_new(const char *id, const char *bundle)
{
	struct container *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	process_init(&c->init, c, PROC_INIT);
	c->id = strdup(id);
	c->bundle = strdup(bundle);
	c->init.id = strdup(id);
	c->next = containers;
	containers = c;
	if (c->id && c->bundle && c->init.id)
		return c;
	container_free(c);
	return NULL;
}

static void destroy(struct container *c)
{
	options_free(&c->options);
	runc_free(&c->runc);
	free(c->init.id);
	free(c->id);
	free(c->bundle);
	free(c->rootfs);
	free(c->checkpoint);
	free(c->parent_checkpoint);
	free(c->cgroup);
	free(c);
}

void container_free(struct container *c)
{
	struct container **at = &containers;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	while (c->execs)
		process_free(c->execs);
	process_clear(&c->init);
	oom_stop(c);
	c->freed = true;
	if (!c->refs)
		destroy(c);
}

void container_hold(struct container *c)
{
	c->refs++;
}

void container_release(struct container *c)
{
	if (!--c->refs && c->freed)
		destroy(c);
}

struct container *container_find(const char *id)
{
	struct container *c = containers;
	while (c && strcmp(c->id, id))
		c = c->next;
	return c && c->visible ? c : NULL;
}

bool container_known(const char *id)
{
	struct container *c = containers;
	while (c && strcmp(c->id, id))
		c = c->next;
	return c != NULL;
}

struct process *process_new(struct container *c, const char *exec_id)
{
	struct process *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	process_init(p, c, PROC_EXEC);
	p->id = strdup(exec_id);
	if (!p->id) {
		free(p);
		return NULL;
	}
	p->next = c->execs;
	c->execs = p;
	return p;
}

void process_free(struct process *p)
{
	struct process **at = &p->container->execs;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	process_clear(p);
	free(p->id);
	free(p);
}

struct process *process_find(struct container *c, const char *exec_id)
{
	if (!*exec_id)
		return &c->init;
	struct process *p = c->execs;
	while (p && strcmp(p->id, exec_id))
		p = p->next;
	return p;
}

/* A parked call whose client has gone is dropped: nobody is left to be told. */
static void on_parked_gone(struct call *call)
{
	struct process *p = call->owner;
	struct call **at = &p->waiting;
	while (*at != call)
		at = &(*at)->queued;
	*at = call->queued;
	call_error(call, RPC_CANCELED, "context canceled");
}

bool process_begin(struct process *p, struct call *call)
{
	if (!p->op) {
		p->op = call;
		return true;
	}
	struct call **at = &p->waiting;
	while (*at)
		at = &(*at)->queued;
	*at = call;
	call->queued = NULL;
	call->owner = p;
	call->gone = on_parked_gone;
	return false;
}

void process_end(struct process *p)
{
	p->op = NULL;
	struct call *next = p->waiting;
	if (next) {
		p->waiting = next->queued;
		call_again(next);
	}
}

void process_take_waiting(struct process *p, struct call **list)
{
	while (*list)
		list = &(*list)->queued;
	*list = p->waiting;
	p->waiting = NULL;
	p->op = NULL;
	for (struct call *c = *list; c; c = c->queued)
		c->gone = NULL;
}

void calls_again(struct call *list)
{
	while (list) {
		struct call *c = list;
		list = c->queued;
		call_again(c);
	}
}
