#include "runc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

bool runc_init(struct runc *r, const struct options *o, const char *ns, const char *bundle)
{
	const char *env = getenv("GANTRY_RUNC_ROOT");
	const char *root = o->root ? o->root : env && *env ? env : "/run/containerd/runc";
	r->binary = strdup(o->binary_name ? o->binary_name : "runc");
	r->root = path_join(root, ns);
	r->log = path_join(bundle, "log.json");
	r->systemd_cgroup = o->systemd_cgroup;
	return r->binary && r->root && r->log;
}

void runc_free(struct runc *r)
{
	free(r->binary);
	free(r->root);
	free(r->log);
	*r = (struct runc){0};
}

int runc_run(struct runc_call *c, const struct runc *r, const char *const *args, const int *fds, int in_fd,
	     uint64_t timeout_ms, void (*done)(struct job *))
{
	const char *argv[RUNC_ARGS_MAX + 10] = {r->binary, "--root", r->root, "--log", r->log, "--log-format", "json"};
	unsigned n = 7;
	struct stat st;
	if (r->systemd_cgroup)
		argv[n++] = "--systemd-cgroup";
	for (unsigned i = 0; args[i] && i < RUNC_ARGS_MAX; i++)
		argv[n++] = args[i];
	c->runc = r;
	c->verb = args[0];
	c->log_from = stat(r->log, &st) ? 0 : st.st_size;
	c->start_errno = 0;
	char *file = spawn_lookup(r->binary);
	struct spawn s = {.file = file, .argv = argv, .nfds = 3,
			  .fds = {fds ? fds[0] : in_fd, fds ? fds[1] : -1, fds ? fds[2] : -1}};
	int e = errno, started = file ? job_start(&c->job, &s, !fds, timeout_ms, done) : -1;
	if (started)
		c->start_errno = file ? errno : e;
	free(file);
	return started;
}

bool runc_ok(const struct runc_call *c)
{
	return !c->start_errno && !c->job.timed_out && c->job.status == 0;
}
