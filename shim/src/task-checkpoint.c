#include <errno.h>
#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint-options.h"
#include "event.h"
#include "file.h"
#include "log.h"
#include "task.h"

enum { DUMP_LOG_MAX = 16 << 20 };

/* One checkpoint under way; the runtime reads nothing of it after it has started, but the end does. */
struct checkpoint {
	struct checkpoint_options options;
	char *path, *work;
	bool own_work; /* made for this call, and removed after it */
};

static void checkpoint_free(struct checkpoint *k)
{
	checkpoint_options_free(&k->options);
	free(k->path);
	free(k->work);
	free(k);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_work(const char *path)
{
	enum { DESCRIPTORS = 8 };
	if (nftw(path, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		log_warn("cannot remove %s: %s", path, strerror(errno));
}

/* Keeps criu's own log, which says why, in the bundle; its path, "" when memory is short. */
static void keep_dump_log(const struct container *c, const struct checkpoint *k, struct buf *kept)
{
	struct buf text = {0};
	char *from = path_join(k->work, "dump.log");
	buf_fmt(kept, "%s/criu-dump.log", c->bundle);
	if (!from || file_read(from, DUMP_LOG_MAX, &text) || file_write(buf_cstr(kept), 0644, text.p, text.len))
		log_warn("cannot keep criu's log %s: %s", from ? from : "", strerror(errno));
	free(from);
	buf_free(&text);
}

/* The first line of what the runtime said, and where to read more, as containerd words it. */
static void reply_failure(struct task_op *op, const struct checkpoint *k)
{
	struct buf text = {0}, kept = {0};
	runc_failure(&op->runc, &text);
	keep_dump_log(op->process->container, k, &kept);
	const char *said = buf_cstr(&text);
	call_error(op->call, RPC_UNKNOWN, "%s did not terminate successfully: %.*s path= %s", op->runc.runc->binary,
		   (int)strcspn(said, "\n"), said, buf_cstr(&kept));
	buf_free(&text);
	buf_free(&kept);
}

static void on_checkpointed(struct task_op *op)
{
	struct checkpoint *k = op->runc.owner;
	struct container *c = op->process->container;
	if (runc_ok(&op->runc)) {
		event_checkpointed(c, k->path);
		call_reply(op->call, NULL);
	} else {
		reply_failure(op, k);
	}
	if (k->own_work)
		remove_work(k->work);
	checkpoint_free(k);
	process_end(op->process);
}

static void add(const char **args, unsigned *n, const char *flag, const char *value)
{
	if (!value)
		return;
	args[(*n)++] = flag;
	args[(*n)++] = value;
}

static void checkpoint_args(const struct checkpoint *k, const char *id, const char **args)
{
	const struct checkpoint_options *o = &k->options;
	const struct {
		bool on;
		const char *flag;
	} flags[] = {{o->open_tcp, "--tcp-established"}, {o->external_unix_sockets, "--ext-unix-sk"},
		     {o->terminal, "--shell-job"},	 {o->file_locks, "--file-locks"},
		     {!o->exit, "--leave-running"}};
	unsigned n = 0;
	args[n++] = "checkpoint";
	add(args, &n, "--image-path", k->path);
	add(args, &n, "--work-path", k->work);
	add(args, &n, "--parent-path", o->parent_path);
	add(args, &n, "--manage-cgroups-mode", o->cgroups_mode);
	for (unsigned i = 0; i < o->nempty; i++)
		add(args, &n, "--empty-ns", o->empty_namespaces[i]);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (flags[i].on)
			args[n++] = flags[i].flag;
	args[n] = id;
}

/* Reads the request; NULL when the call has been answered. */
static struct checkpoint *read_request(struct call *call, const struct container *c)
{
	struct pb r = call_fields(call), any = pb_over(NULL, 0);
	while (pb_next(&r))
		if (pb_is(&r, 3, PB_BYTES))
			any = pb_over(r.data, r.len);
	struct checkpoint *k = calloc(1, sizeof *k);
	if (!k) {
		call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		return NULL;
	}
	bool ok = checkpoint_options_from_any(&k->options, any.p, (size_t)(any.end - any.p));
	if (!ok) {
		call_error(call, RPC_INVALID_ARGUMENT, "options are not containerd.runc.v1.CheckpointOptions: invalid argument");
	} else if (!(k->path = task_text(call, 2))) {
		ok = false;
	} else {
		const char *given = k->options.work_path;
		k->own_work = !given;
		k->work = given ? strdup(given) : path_join(c->bundle, "work/criu-work");
		if (!(ok = k->work))
			call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
	}
	if (ok)
		return k;
	checkpoint_free(k);
	return NULL;
}

void task_checkpoint(struct call *call)
{
	const char *args[RUNC_ARGS_MAX] = {0};
	struct container *c = task_container(call);
	if (!c || !process_begin(&c->init, call))
		return;
	struct verdict v = state_check(PROC_INIT, c->init.state, EV_CHECKPOINT);
	struct checkpoint *k = v.allowed ? read_request(call, c) : NULL;
	if (!k) {
		process_end(&c->init);
		if (!v.allowed)
			call_error(call, v.code, "%s", v.text);
		return;
	}
	checkpoint_args(k, c->id, args);
	task_op_run_for(call, &c->init, k, args, -1, on_checkpointed);
}
