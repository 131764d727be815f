#include "delete.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "cgroup.h"
#include "exit-record.h"
#include "file.h"
#include "loop.h"
#include "mount.h"
#include "options.h"
#include "orphan.h"
#include "pb.h"
#include "proc.h"
#include "runc.h"
#include "spec.h"

enum { STATUS_KILLED = 128 + SIGKILL };

static void on_done(struct job *j)
{
	(void)j;
	loop_stop();
}

/* A create that was killed before the runtime wrote down what it had made: the runtime will not find that again. */
static bool is_half_made(const char *state)
{
	char *file = path_join(state, "state.json");
	bool half = file && access(file, F_OK);
	free(file);
	return half;
}

/* With systemd the path is no path, and systemd removes what is empty. */
static void remove_cgroup(const char *bundle)
{
	struct spec s;
	if (!spec_read(&s, bundle) && s.cgroups_path && s.cgroups_path[0] == '/' && s.cgroups_path[1] &&
	    !strstr(s.cgroups_path, "..") && cgroup_remove(s.cgroups_path))
		fprintf(stderr, "failed to remove cgroup %s: %s\n", s.cgroups_path, strerror(errno));
	spec_free(&s);
}

/* Only when the runtime still knows the container: starting it costs more than all the rest. */
static void delete_in_runtime(const struct args *a, const char *bundle)
{
	struct options o;
	struct runc r = {0};
	struct runc_call call = {0};
	const char *args[] = {"delete", "--force", a->id, NULL};
	options_load(&o, bundle);
	char *state = runc_init(&r, &o, a->ns, bundle) ? path_join(r.root, a->id) : NULL;
	if (state && (!access(state, F_OK) || (o.binary_name && strcmp(o.binary_name, "runc")))) {
		bool half_made = is_half_made(state);
		if (!runc_run(&call, &r, args, NULL, -1, RUNC_TIMEOUT_MS, on_done))
			loop_run();
		if (!runc_ok(&call)) {
			struct buf why = {0};
			runc_failure(&call, &why);
			fprintf(stderr, "failed to remove runc container: %s\n", buf_cstr(&why));
			buf_free(&why);
		}
		job_drop(&call.job);
		if (half_made)
			remove_cgroup(bundle);
	}
	free(state);
	runc_free(&r);
	options_free(&o);
}

/* Whether that pid is still a process of the container: its cgroup tells, as pids are reused. */
static bool is_ours(pid_t pid, const char *id)
{
	char *cgroup = pid > 1 ? cgroup_of(pid) : NULL;
	bool ours = cgroup && cgroup_names(cgroup, id);
	free(cgroup);
	return ours;
}

/* How a container without an exit record ended, or will have when we are done with it. */
static uint32_t status_of_init(pid_t pid, const char *id)
{
	struct proc_stat s;
	if (!pid)
		return STATUS_KILLED;
	if (!is_ours(pid, id) || !proc_stat_read(pid, &s))
		return STATUS_UNKNOWN;
	if (s.state != 'Z')
		return STATUS_KILLED;
	return WIFSIGNALED(s.wait_status) ? 128u + (unsigned)WTERMSIG(s.wait_status) : (unsigned)WEXITSTATUS(s.wait_status);
}

static void remove_dead_socket(const char *bundle)
{
	struct buf b = {0};
	char *file = path_join(bundle, "address");
	if (file && !file_read(file, 4096, &b)) {
		const char *path = address_strip(buf_cstr(&b));
		if (*path == '/')
			address_remove_dead(path);
	}
	free(file);
	buf_free(&b);
}

static int print_response(const struct exit_record *r)
{
	struct buf b = {0};
	pb_uint(&b, 1, (uint64_t)r->pid);
	pb_uint(&b, 2, r->exit_status);
	pb_time(&b, 3, r->exited_at.tv_sec, (int32_t)r->exited_at.tv_nsec);
	bool ok = write(STDOUT_FILENO, b.p, b.len) == (ssize_t)b.len;
	buf_free(&b);
	return ok ? 0 : 1;
}

/* The bundle is beside the working directory: a sandbox's shim may be asked about a container of its group. */
static char *find_bundle(const struct args *a)
{
	if (*a->bundle)
		return strdup(a->bundle);
	char *here = getcwd(NULL, 0), *slash = here ? strrchr(here, '/') : NULL;
	if (slash)
		*slash = 0;
	char *bundle = slash ? path_join(here, a->id) : NULL;
	free(here);
	return bundle;
}

int delete_main(const struct args *a)
{
	char *bundle = find_bundle(a), *pid_file = bundle ? path_join(bundle, "init.pid") : NULL;
	char *rootfs = bundle ? path_join(bundle, "rootfs") : NULL;
	struct exit_record r;
	if (!rootfs || !pid_file || loop_init() || reap_init()) {
		fprintf(stderr, "cannot delete %s: %s\n", a->id, strerror(errno));
		return 1;
	}
	bool known = exit_record_read(bundle, NULL, &r);
	pid_t pid = file_pid(pid_file);
	if (!known)
		r = (struct exit_record){pid, status_of_init(pid, a->id), now_wall()};
	delete_in_runtime(a, bundle);
	/* One that the runtime no longer knows. */
	if (!known && is_ours(pid, a->id))
		kill(pid, SIGKILL);
	if (unmount_all(rootfs))
		fprintf(stderr, "failed to cleanup rootfs mount: %s\n", strerror(errno));
	remove_dead_socket(bundle);
	free(bundle);
	free(pid_file);
	free(rootfs);
	return print_response(&r);
}
