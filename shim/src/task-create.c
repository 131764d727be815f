#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "create.h"
#include "event.h"
#include "failpoint.h"
#include "file.h"
#include "launch.h"
#include "lifecycle.h"
#include "log.h"
#include "mount.h"
#include "oom.h"
#include "record.h"
#include "serve.h"
#include "spec.h"
#include "task.h"

/* Fields of CreateTaskRequest. */
enum { F_ID = 1, F_BUNDLE, F_ROOTFS, F_TERMINAL, F_STDIN, F_STDOUT, F_STDERR, F_CHECKPOINT, F_PARENT, F_OPTIONS };

static void undo(struct container *c)
{
	if (c->rootfs)
		unmount_all(c->rootfs);
	container_free(c);
}

__attribute__((format(printf, 4, 5))) static void fail(struct call *call, struct container *c, enum rpc_code code,
						       const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	undo(c);
	call_error(call, code, "%s", buf_cstr(&text));
	buf_free(&text);
}

/* Without it the container is only killed, not taken over, should this process be. */
static void record(struct container *c, struct call *call)
{
	if (record_write(c, call->payload, call->payload_len))
		log_warn("cannot write the record of %s: %s", c->id, strerror(errno));
}

static void on_launched(struct process *p, struct call *call, enum rpc_code code, const char *error)
{
	struct container *c = p->container;
	if (code) {
		fail(call, c, code, "%s", error);
		reap_release();
		return;
	}
	failpoint("create.created");
	c->visible = true;
	c->cgroup = cgroup_of(p->pid);
	record(c, call);
	failpoint("create.recorded");
	event_create(c, call);
	failpoint("create.told");
	oom_start(c);
	process_end(p);
	lifecycle_follow(p);
	reap_release();
	struct buf b = {0};
	pb_uint(&b, 1, (uint64_t)p->pid);
	call_reply(call, &b);
}

/* A container to be restored has no process before Start. */
static void await_restore(struct call *call, struct container *c)
{
	c->visible = true;
	record(c, call);
	event_create(c, call);
	call_reply(call, NULL);
}

/* Notes the directories to restore from, if any; false when the call has been answered. */
static bool read_checkpoint(struct call *call, struct container *c)
{
	c->checkpoint = task_text(call, F_CHECKPOINT);
	c->parent_checkpoint = c->checkpoint ? task_text(call, F_PARENT) : NULL;
	if (!c->parent_checkpoint)
		return false;
	if (!*c->checkpoint) {
		free(c->checkpoint);
		c->checkpoint = NULL;
	}
	return true;
}

static bool read_options(struct call *call, struct container *c)
{
	struct pb r = call_fields(call);
	bool ok = true;
	while (pb_next(&r))
		if (pb_is(&r, F_OPTIONS, PB_BYTES)) {
			options_free(&c->options);
			ok = options_from_any(&c->options, r.data, r.len);
		}
	return ok;
}

bool create_has_rootfs(const struct call *call)
{
	struct pb r = call_fields(call);
	while (pb_next(&r))
		if (pb_is(&r, F_ROOTFS, PB_BYTES))
			return true;
	return false;
}

/* Mounts the root file system; RPC_OK, or the code of *error. */
static enum rpc_code prepare_rootfs(struct call *call, struct container *c, struct buf *error)
{
	if (!create_has_rootfs(call))
		return RPC_OK;
	c->rootfs = path_join(c->bundle, "rootfs");
	if (!c->rootfs || (mkdir(c->rootfs, 0711) && errno != EEXIST)) {
		buf_fmt(error, "mkdir %s: %s", c->rootfs ? c->rootfs : "", strerror(errno));
		return RPC_UNKNOWN;
	}
	struct buf why = {0};
	enum rpc_code code = mount_all(call->payload, call->payload_len, F_ROOTFS, c->rootfs, &why);
	if (code)
		buf_fmt(error, "failed to mount rootfs component: %s", buf_cstr(&why));
	buf_free(&why);
	return code;
}

bool create_read(struct call *call, struct container *c)
{
	struct process *p = &c->init;
	struct spec spec;
	p->terminal = task_number(call, F_TERMINAL);
	if (!(p->in = task_text(call, F_STDIN)) || !(p->out = task_text(call, F_STDOUT)) ||
	    !(p->err = task_text(call, F_STDERR)) || !read_checkpoint(call, c)) {
		undo(c);
		return false;
	}
	if (!read_options(call, c)) {
		fail(call, c, RPC_INVALID_ARGUMENT, "options are not containerd.runc.v1.Options: invalid argument");
		return false;
	}
	if (!runc_init(&c->runc, &c->options, shim_namespace, c->bundle)) {
		fail(call, c, RPC_RESOURCE_EXHAUSTED, "out of memory");
		return false;
	}
	/* An unreadable spec is for the runtime to complain about; until then assume the worst. */
	c->kill_all = spec_read(&spec, c->bundle) || !spec.own_pid_ns;
	spec_free(&spec);
	return true;
}

/* Makes the container's surroundings; false when the call has been answered and the container undone. */
static bool fill(struct call *call, struct container *c)
{
	struct buf error = {0};
	if (!create_read(call, c))
		return false;
	if (options_save(&c->options, c->bundle)) {
		fail(call, c, RPC_UNKNOWN, "open %s/options.json: %s", c->bundle, strerror(errno));
		return false;
	}
	failpoint("create.asked");
	enum rpc_code code = prepare_rootfs(call, c, &error);
	if (code) {
		fail(call, c, code, "%s", buf_cstr(&error));
		buf_free(&error);
		return false;
	}
	failpoint("create.mounted");
	return true;
}

static void make(struct call *call, struct container *c)
{
	if (c->checkpoint) {
		await_restore(call, c);
		return;
	}
	process_begin(&c->init, call);
	reap_hold();
	launch(&c->init, call, on_launched);
}

void task_create(struct call *call)
{
	char *id = task_text(call, F_ID), *bundle = id ? task_text(call, F_BUNDLE) : NULL;
	if (!bundle)
		goto out;
	if (!id_valid(id) || *bundle != '/') {
		call_error(call, RPC_INVALID_ARGUMENT, "id %s or bundle %s is malformed: invalid argument", id, bundle);
	} else if (serve_stopping()) {
		call_error(call, RPC_UNAVAILABLE, "the shim is shutting down: unavailable");
	} else if (container_known(id)) {
		call_error(call, RPC_ALREADY_EXISTS, "id %s: already exists", id);
	} else {
		struct container *c = container_new(id, bundle);
		if (!c)
			call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		else if (fill(call, c))
			make(call, c);
	}
out:
	free(id);
	free(bundle);
}
