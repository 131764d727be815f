#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adopt.h"
#include "cgroup.h"
#include "create.h"
#include "event.h"
#include "exit-record.h"
#include "failpoint.h"
#include "file.h"
#include "lifecycle.h"
#include "log.h"
#include "oom.h"
#include "orphan.h"
#include "record.h"
#include "serve.h"
#include "task.h"

/* Fields of AdoptRequest, TaskRecord and Descriptor. */
enum { A_RECORD = 1, A_HOLDER, A_INIT, A_DESCRIPTORS, A_TOLD };
enum { R_PID = 3, R_STARTED, R_CREATE };
enum { D_ROLE = 1, D_FD };
/* For a logging program that is started anew. */
enum { STREAMS_TIMEOUT_MS = 30000 };

struct adoption {
	struct call *call;
	struct container *container;
	struct streams_spec streams;
	uint64_t started_ticks;
	pid_t pid, holder;
	int init_fd;             /* number of the init's pidfd in the holder; 0: none */
	int held[STREAMS_ROLES]; /* likewise */
	bool told;
};

/* A pidfd of init: the daemon's, which knows of an end in the meantime, or one of our own. */
static int open_init(const struct adoption *a)
{
	int fd = a->init_fd ? orphan_fetch(a->holder, a->init_fd) : -1;
	return fd >= 0 ? fd : orphan_open(a->pid, a->started_ticks);
}

static void follow_init(struct adoption *a)
{
	struct process *p = &a->container->init;
	int fd = open_init(a);
	p->state = adopt_state(a->container);
	lifecycle_follow(p);
	if (fd >= 0 && !orphan_follow(p->pid, fd))
		return;
	log_warn("%s ended without anybody seeing how", p->id);
	close_fd(&fd);
	reap_tell(p->pid, STATUS_UNKNOWN, now_wall());
}

static void recall_end(struct adoption *a, const struct exit_record *r)
{
	struct process *p = &a->container->init;
	a->container->init_dead = true;
	p->state = STATE_STOPPED;
	p->exit_status = r->exit_status;
	p->exited_at = r->exited_at;
	if (!a->told)
		event_exit(p);
}

static void on_streams(struct streams *s)
{
	struct process *p = CONTAINER_OF(s, struct process, streams);
	struct adoption *a = p->op->owner;
	struct container *c = a->container;
	struct exit_record r;
	struct buf b = {0};
	if (s->code)
		log_warn("the output of %s goes nowhere: %s", c->id, buf_cstr(&s->error));
	if (p->terminal && s->out.src_fd >= 0)
		streams_console(s, s->out.src_fd);
	streams_run(s);
	p->pid = a->pid;
	c->visible = true;
	c->cgroup = cgroup_of(p->pid);
	if (record_write(c, a->call->payload, a->call->payload_len))
		log_warn("cannot write the record of %s: %s", c->id, strerror(errno));
	failpoint("adopt.recorded");
	adopt_execs(c);
	oom_start(c);
	if (exit_record_read(c->bundle, NULL, &r))
		recall_end(a, &r);
	else
		follow_init(a);
	process_end(p);
	failpoint("adopt.done");
	pb_uint(&b, 1, (uint64_t)a->pid);
	call_reply(a->call, &b);
	free(a);
}

static void fetch_streams(struct adoption *a)
{
	struct streams *s = &a->container->init.streams;
	for (unsigned role = 0; role < STREAMS_ROLES; role++)
		if (a->held[role])
			*streams_end(s, role) = orphan_fetch(a->holder, a->held[role]);
}

static void adopt(struct adoption *a)
{
	struct container *c = a->container;
	struct process *p = &c->init;
	const struct options *o = &c->options;
	if (create_has_rootfs(a->call))
		c->rootfs = path_join(c->bundle, "rootfs");
	failpoint("adopt.asked");
	fetch_streams(a);
	a->streams = (struct streams_spec){.in = p->in, .out = p->out, .err = p->err, .terminal = p->terminal,
					   .uid = o->io_uid, .gid = o->io_gid, .id = p->id, .ns = shim_namespace,
					   .timeout_ms = call_left_ms(a->call, STREAMS_TIMEOUT_MS), .adopted = true};
	process_begin(p, a->call);
	a->call->owner = a;
	streams_open(&p->streams, &a->streams, on_streams);
}

static void read_descriptor(struct adoption *a, const struct pb *field)
{
	struct pb r = pb_over(field->data, field->len);
	uint64_t role = 0, fd = 0;
	while (pb_next(&r)) {
		if (pb_is(&r, D_ROLE, PB_VARINT))
			role = r.num;
		else if (pb_is(&r, D_FD, PB_VARINT))
			fd = r.num;
	}
	if (role < STREAMS_ROLES)
		a->held[role] = (int)fd;
}

static void read_record(struct adoption *a, const struct pb *field)
{
	struct pb r = pb_over(field->data, field->len);
	while (pb_next(&r)) {
		if (pb_is(&r, R_PID, PB_VARINT))
			a->pid = (pid_t)r.num;
		else if (pb_is(&r, R_STARTED, PB_VARINT))
			a->started_ticks = r.num;
		else if (pb_is(&r, R_CREATE, PB_BYTES)) {
			/* From here on the call is the Create that once was. */
			a->call->payload = r.data;
			a->call->payload_len = r.len;
		}
	}
}

static void read_request(struct adoption *a)
{
	struct pb r = call_fields(a->call);
	while (pb_next(&r)) {
		if (pb_is(&r, A_RECORD, PB_BYTES))
			read_record(a, &r);
		else if (pb_is(&r, A_HOLDER, PB_VARINT))
			a->holder = (pid_t)r.num;
		else if (pb_is(&r, A_INIT, PB_VARINT))
			a->init_fd = (int)r.num;
		else if (pb_is(&r, A_DESCRIPTORS, PB_BYTES))
			read_descriptor(a, &r);
		else if (pb_is(&r, A_TOLD, PB_VARINT))
			a->told = r.num;
	}
}

void task_adopt(struct call *call)
{
	struct adoption *a = calloc(1, sizeof *a);
	if (!a) {
		call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		return;
	}
	a->call = call;
	read_request(a);
	char *id = task_text(call, 1), *bundle = id ? task_text(call, 2) : NULL;
	if (!bundle) {
		free(a);
	} else if (!id_valid(id) || *bundle != '/' || a->pid < 1) {
		call_error(call, RPC_INVALID_ARGUMENT, "the record of %s is malformed: invalid argument", id);
		free(a);
	} else if (serve_stopping()) {
		call_error(call, RPC_UNAVAILABLE, "the shim is shutting down: unavailable");
		free(a);
	} else if (container_known(id)) {
		call_error(call, RPC_ALREADY_EXISTS, "id %s: already exists", id);
		free(a);
	} else if (!(a->container = container_new(id, bundle))) {
		call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		free(a);
	} else if (create_read(call, a->container)) {
		adopt(a);
	} else {
		free(a);
	}
	free(id);
	free(bundle);
}
