/* Calling the OCI runtime and reading what it had to say. */
#pragma once
#include <sys/types.h>

#include "job.h"
#include "options.h"

enum { RUNC_TIMEOUT_MS = 300000, RUNC_ARGS_MAX = 48 };

struct runc {
	char *binary; /* name or path */
	char *root;   /* state directory of this namespace */
	char *log;    /* <bundle>/log.json */
	bool systemd_cgroup;
};

/* One call; `job` first, so that a done callback can find it. */
struct runc_call {
	struct job job;
	const struct runc *runc;
	const char *verb;
	off_t log_from; /* size of the log before the call: older errors are not ours */
	int start_errno; /* why the program could not be started; 0 when it was */
	void *owner;
};

/* Builds the settings from options, namespace and bundle; false when memory is short. */
bool runc_init(struct runc *r, const struct options *o, const char *ns, const char *bundle);
void runc_free(struct runc *r);
/*
 * Runs `binary <globals> args...` (args[0] is the verb). fds: stdin, stdout, stderr of the call, or NULL to capture
 * its output with stdin from /dev/null; in_fd >= 0 gives a captured call a stdin.
 * 0, or -1 when it could not be started (start_errno tells why and done never runs).
 */
int runc_run(struct runc_call *c, const struct runc *r, const char *const *args, const int *fds, int in_fd,
	     uint64_t timeout_ms, void (*done)(struct job *));
bool runc_ok(const struct runc_call *c);
/* "<what>: <the runtime's own last error, or how it ended>", as containerd words it. */
void runc_error(struct runc_call *c, const char *what, struct buf *out);
/* How the call ended, with its output: "exit status 1: ...". */
void runc_failure(struct runc_call *c, struct buf *out);
