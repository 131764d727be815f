#include "start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "bootstrap.h"
#include "cgroup.h"
#include "failpoint.h"
#include "file.h"
#include "spawn.h"
#include "spec.h"

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "containerd-shim-gantry-v1: %s: %s\n", what, why);
	return 1;
}

static pid_t launch_server(const struct args *a, const struct bootstrap *b, const char *grpc, int listener)
{
	const char *argv[10] = {"containerd-shim-gantry-v1", "-namespace", a->ns, "-id", a->id, "-address", grpc};
	if (a->debug || b->debug)
		argv[7] = "-debug";
	char *self = realpath("/proc/self/exe", NULL);
	if (self)
		argv[0] = self;
	if (b->ttrpc_address)
		setenv("TTRPC_ADDRESS", b->ttrpc_address, 1);
	struct spawn s = {.file = "/proc/self/exe", .argv = argv, .fds = {-1, -1, -1, listener}, .nfds = 4,
			  .own_group = true};
	pid_t pid = spawn(&s);
	free(self);
	return pid;
}

static int answer(const struct bootstrap *b, const char *address)
{
	struct buf out = {0};
	bootstrap_answer(b, address, &out);
	/* containerd 1.6 finds a running shim again through this file. */
	if (file_write("address", 0644, address, strlen(address)))
		return complain("write address", strerror(errno));
	ssize_t n = write(STDOUT_FILENO, out.p, out.len);
	bool ok = n == (ssize_t)out.len;
	failpoint("start.answered");
	buf_free(&out);
	return ok ? 0 : complain("write stdout", strerror(errno));
}

static int run(const struct args *a, const struct bootstrap *b, const char *group)
{
	const char *env = getenv("GANTRY_SHIM_SOCKET_DIR"), *grpc = b->grpc_address ? b->grpc_address : a->address;
	const char *dir = b->socket_dir ? b->socket_dir : env && *env ? env : "/run/containerd/s";
	char *path = address_path(dir, grpc, a->ns, group);
	struct buf address = {0};
	buf_fmt(&address, "unix://%s", path ? path : "");
	/* Written before there is anything: whoever finds it can tell a dead socket by connecting. */
	int r = path && file_write("address", 0644, buf_cstr(&address), address.len) ? complain("write address", strerror(errno))
										     : 0;
	int fd = path && !r ? address_listen(path) : -1;
	if (r) {
		/* Told already. */
	} else if (fd < 0 && errno == EADDRINUSE) {
		r = answer(b, buf_cstr(&address));
	} else if (fd < 0) {
		r = complain("create new shim socket", strerror(errno));
	} else {
		failpoint("start.listening");
		pid_t pid = launch_server(a, b, grpc, fd);
		if (pid < 0)
			r = complain("start the serving process", strerror(errno));
		if (!r && b->options.shim_cgroup && cgroup_join(b->options.shim_cgroup, pid))
			r = complain("join cgroup", strerror(errno));
		failpoint("start.spawned");
		if (!r)
			r = answer(b, buf_cstr(&address));
		if (r)
			unlink(path);
		close(fd);
	}
	free(path);
	buf_free(&address);
	return r;
}

int start_main(const struct args *a)
{
	struct buf in = {0};
	struct bootstrap b;
	struct spec spec;
	if (file_read_fd(STDIN_FILENO, BOOTSTRAP_STDIN_MAX, &in) && errno != EBADF)
		return complain("read stdin", strerror(errno));
	bootstrap_parse(&b, in.p, in.len, a->id, a->ns);
	buf_free(&in);
	if (spec_read(&spec, "."))
		return complain("open config.json", strerror(errno));
	int r = run(a, &b, spec.group ? spec.group : a->id);
	spec_free(&spec);
	bootstrap_free(&b);
	return r;
}
