#include "launch.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* containerd's bound for the client to open its ends and for the terminal to arrive */
enum { STREAMS_TIMEOUT_MS = 30000, CONSOLE_TIMEOUT_MS = 30000 };

struct launch {
	struct runc_call runc; /* create or exec; then delete when undoing a create */
	struct process *process;
	struct call *call;
	struct streams_spec streams;
	struct timer timer;
	bool created; /* the runtime has succeeded */
	char *pid_file, *spec_file, *work_path;
	struct buf error;
	enum rpc_code code;
	void (*done)(struct process *p, struct call *call, enum rpc_code code, const char *error);
};

static struct launch *launch_of(struct process *p)
{
	return p->op->owner;
}

static void end(struct launch *l)
{
	struct process *p = l->process;
	loop_untimer(&l->timer);
	console_close(&p->console);
	if (l->code)
		streams_close(&p->streams);
	if (l->spec_file)
		unlink(l->spec_file);
	l->call->gone = NULL;
	l->done(p, l->call, l->code, buf_cstr(&l->error));
	job_drop(&l->runc.job);
	free(l->pid_file);
	free(l->spec_file);
	free(l->work_path);
	buf_free(&l->error);
	free(l);
}

static void on_undone(struct job *j)
{
	end(CONTAINER_OF(j, struct launch, runc.job));
}

/* Removes what a failed create may have left in the runtime, then ends. An exec leaves nothing to remove. */
static void undo(struct launch *l)
{
	struct process *p = l->process;
	const char *args[] = {"delete", "--force", p->id, NULL};
	job_drop(&l->runc.job);
	loop_untimer(&l->timer);
	if (p->kind == PROC_EXEC ||
	    runc_run(&l->runc, &p->container->runc, args, NULL, -1, RUNC_TIMEOUT_MS, on_undone))
		end(l);
}

static void fail(struct launch *l, enum rpc_code code, const char *what, const char *why)
{
	buf_fmt(&l->error, "%s%s%s", what, why ? ": " : "", why ? why : "");
	l->code = code;
	if (l->created)
		undo(l);
	else
		end(l);
}

static void finish(struct launch *l)
{
	struct process *p = l->process;
	p->pid = file_pid(l->pid_file);
	if (!p->pid) {
		fail(l, RPC_UNKNOWN, "failed to retrieve OCI runtime container pid", strerror(errno));
		return;
	}
	streams_run(&p->streams);
	end(l);
}

static void on_console_late(struct timer *t)
{
	fail(CONTAINER_OF(t, struct launch, timer), RPC_DEADLINE_EXCEEDED, "failed to retrieve console master",
	     "context deadline exceeded");
}

static void take_console(struct launch *l)
{
	struct process *p = l->process;
	streams_console(&p->streams, p->console.master);
	p->console.master = -1;
	finish(l);
}

static void on_console(struct console *c)
{
	struct launch *l = launch_of(CONTAINER_OF(c, struct process, console));
	if (l->created)
		take_console(l);
}

static const char *failure_of(const struct process *p)
{
	if (p->kind == PROC_EXEC)
		return "OCI runtime exec failed";
	return p->container->checkpoint ? "OCI runtime restore failed" : "OCI runtime create failed";
}

static void on_runc_done(struct job *j)
{
	struct launch *l = CONTAINER_OF(j, struct launch, runc.job);
	struct process *p = l->process;
	streams_handed(&p->streams);
	if (!runc_ok(&l->runc)) {
		runc_error(&l->runc, failure_of(p), &l->error);
		l->code = RPC_UNKNOWN;
		/* Killed half-way it could not clean up after itself. */
		if (l->runc.job.timed_out)
			undo(l);
		else
			end(l);
		return;
	}
	l->created = true;
	if (!p->terminal)
		finish(l);
	else if (p->console.master >= 0)
		take_console(l);
	else
		loop_timer(&l->timer, CONSOLE_TIMEOUT_MS, on_console_late);
}

/* What criu is told: where the images are and where it may keep its logs. */
static unsigned restore_args(struct launch *l, const char **a)
{
	const struct container *c = l->process->container;
	unsigned n = 0;
	a[n++] = "restore";
	a[n++] = "--image-path";
	a[n++] = c->checkpoint;
	a[n++] = "--work-path";
	a[n++] = l->work_path;
	if (*c->parent_checkpoint) {
		a[n++] = "--parent-path";
		a[n++] = c->parent_checkpoint;
	}
	/* Without a subreaper of its own the restored process becomes our child. */
	a[n++] = "--detach";
	a[n++] = "--no-subreaper";
	return n;
}

static unsigned create_args(struct launch *l, const char **a)
{
	const struct container *c = l->process->container;
	unsigned n = 0;
	if (c->checkpoint)
		n = restore_args(l, a);
	else
		a[n++] = "create";
	a[n++] = "--bundle";
	a[n++] = c->bundle;
	a[n++] = "--pid-file";
	a[n++] = l->pid_file;
	if (c->options.no_pivot_root)
		a[n++] = "--no-pivot";
	if (c->options.no_new_keyring && !c->checkpoint)
		a[n++] = "--no-new-keyring";
	return n;
}

static unsigned exec_args(struct launch *l, const char **a)
{
	unsigned n = 0;
	a[n++] = "exec";
	a[n++] = "--process";
	a[n++] = l->spec_file;
	a[n++] = "--detach";
	a[n++] = "--pid-file";
	a[n++] = l->pid_file;
	return n;
}

static void run(struct launch *l)
{
	struct process *p = l->process;
	const char *args[RUNC_ARGS_MAX] = {0};
	unsigned n = p->kind == PROC_INIT ? create_args(l, args) : exec_args(l, args);
	if (p->terminal) {
		if (console_open(&p->console, on_console)) {
			fail(l, RPC_UNKNOWN, "failed to create OCI runtime console socket", strerror(errno));
			return;
		}
		args[n++] = "--console-socket";
		args[n++] = p->console.path;
	}
	args[n++] = p->container->id;
	/* The runtime passes its own streams on to the container; with a terminal its words can be captured. */
	const int *fds = p->terminal ? NULL : p->streams.child;
	if (runc_run(&l->runc, &p->container->runc, args, fds, -1, call_left_ms(l->call, RUNC_TIMEOUT_MS), on_runc_done))
		on_runc_done(&l->runc.job);
	else
		streams_handed(&p->streams);
}

static void on_streams(struct streams *s)
{
	struct launch *l = launch_of(CONTAINER_OF(s, struct process, streams));
	l->call->gone = NULL;
	if (s->code)
		fail(l, s->code, "failed to start io pipe copy", buf_cstr(&s->error));
	else
		run(l);
}

/* The client left while its streams were being opened: nobody will read them, so give up. */
static void on_gone(struct call *call)
{
	struct launch *l = call->owner;
	fail(l, RPC_CANCELED, "the client has gone", NULL);
}

static char *bundle_file(const struct process *p, const char *prefix, const char *suffix)
{
	struct buf name = {0};
	buf_fmt(&name, "%s%s%s", prefix, p->id, suffix);
	char *path = name.failed ? NULL : path_join(p->container->bundle, buf_cstr(&name));
	buf_free(&name);
	return path;
}

static bool prepare(struct launch *l)
{
	struct process *p = l->process;
	l->pid_file = p->kind == PROC_INIT ? path_join(p->container->bundle, "init.pid") : bundle_file(p, "", ".pid");
	if (p->kind == PROC_EXEC)
		l->spec_file = bundle_file(p, "exec-", ".process.json");
	const char *work = p->container->options.criu_work_path;
	l->work_path = work ? strdup(work) : path_join(p->container->bundle, "work");
	if (!l->pid_file || !l->work_path || (p->kind == PROC_EXEC && !l->spec_file)) {
		fail(l, RPC_RESOURCE_EXHAUSTED, "out of memory", NULL);
		return false;
	}
	unlink(l->pid_file);
	if (l->spec_file && file_write(l->spec_file, 0600, p->spec.p, p->spec.len)) {
		fail(l, RPC_UNKNOWN, "cannot write the process file", strerror(errno));
		return false;
	}
	return true;
}

void launch(struct process *p, struct call *call,
	    void (*done)(struct process *p, struct call *call, enum rpc_code code, const char *error))
{
	struct launch *l = calloc(1, sizeof *l);
	if (!l) {
		done(p, call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		return;
	}
	const struct options *o = &p->container->options;
	l->process = p;
	l->call = call;
	l->done = done;
	l->streams = (struct streams_spec){
		.in = p->in, .out = p->out, .err = p->err, .terminal = p->terminal, .uid = o->io_uid, .gid = o->io_gid,
		.id = p->id, .ns = shim_namespace, .timeout_ms = call_left_ms(call, STREAMS_TIMEOUT_MS)};
	call->owner = l;
	call->gone = on_gone;
	if (prepare(l))
		streams_open(&p->streams, &l->streams, on_streams);
}
