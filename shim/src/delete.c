#include "delete.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "cgroup.h"
#include "exit-record.h"
#include "file.h"
#include "loop.h"
#include "mount.h"
#include "options.h"
#include "pb.h"
#include "runc.h"

/* Exit status of a container nobody saw end: killed. */
enum { STATUS_KILLED = 137 };

static void on_done(struct job *j)
{
	(void)j;
	loop_stop();
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
		if (!runc_run(&call, &r, args, NULL, -1, RUNC_TIMEOUT_MS, on_done))
			loop_run();
		if (!runc_ok(&call)) {
			struct buf why = {0};
			runc_failure(&call, &why);
			fprintf(stderr, "failed to remove runc container: %s\n", buf_cstr(&why));
			buf_free(&why);
		}
		job_drop(&call.job);
	}
	free(state);
	runc_free(&r);
	options_free(&o);
}

/* A process the runtime no longer knows: killed only if its cgroup bears the container's id, as pids are reused. */
static void kill_leftover(pid_t pid, const char *id)
{
	char *cgroup = pid > 1 ? cgroup_of(pid) : NULL;
	const char *at = cgroup ? strstr(cgroup, id) : NULL;
	char after = at ? at[strlen(id)] : 0;
	if (at && at > cgroup && strchr("/-", at[-1]) && (after == '\n' || after == '/' || after == '.'))
		kill(pid, SIGKILL);
	free(cgroup);
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
	bool known = exit_record_read(bundle, &r);
	pid_t pid = file_pid(pid_file);
	delete_in_runtime(a, bundle);
	if (!known) {
		kill_leftover(pid, a->id);
		r = (struct exit_record){pid, STATUS_KILLED, now_wall()};
	}
	if (unmount_all(rootfs))
		fprintf(stderr, "failed to cleanup rootfs mount: %s\n", strerror(errno));
	remove_dead_socket(bundle);
	free(bundle);
	free(pid_file);
	free(rootfs);
	return print_response(&r);
}
