#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "address.h"
#include "failpoint.h"
#include "log.h"
#include "loop.h"
#include "publisher.h"
#include "reap.h"
#include "self.h"
#include "server.h"
#include "streams-service.h"
#include "task.h"

enum { LISTEN_FD = 3, FLUSH_POLL_MS = 10, FLUSH_MAX_MS = 3000 };

static struct timer stopping;
static uint64_t stop_by_ms;
static struct sockaddr_un own_name;

static void on_stopping(struct timer *t)
{
	if ((publisher_empty() && server_flushed()) || now_ms() >= stop_by_ms)
		loop_stop();
	else
		loop_timer(t, FLUSH_POLL_MS, on_stopping);
}

void serve_stop(void)
{
	if (stop_by_ms)
		return;
	stop_by_ms = now_ms() + FLUSH_MAX_MS;
	server_close();
	if (own_name.sun_path[0])
		unlink(own_name.sun_path);
	loop_timer(&stopping, 0, on_stopping);
}

bool serve_stopping(void)
{
	return stop_by_ms;
}

/* The daemon and terminals may signal a whole group; only Shutdown ends a shim. */
static void ignore_signals(void)
{
	static const int signals[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGTTOU, SIGTTIN, SIGTSTP};
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_IGN);
}

static int own_socket(const struct args *a)
{
	socklen_t len = sizeof own_name;
	int fd = *a->socket ? address_listen(address_strip(a->socket)) : LISTEN_FD;
	if (fd < 0 || getsockname(fd, (struct sockaddr *)&own_name, &len) || fcntl(fd, F_SETFD, FD_CLOEXEC) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK))
		return -1;
	return fd;
}

static void start_publisher(const struct args *a)
{
	static char fallback[128];
	const char *address = getenv("TTRPC_ADDRESS");
	if (!address || !*address) {
		snprintf(fallback, sizeof fallback, "%s.ttrpc", a->address);
		address = fallback;
	}
	publisher_init(address, a->ns);
}

int serve_main(const struct args *a)
{
	static const struct service services[] = {{"containerd.task.v2.Task", task_methods},
						  {"containerd.task.v3.Task", task_methods},
						  {"gantry.shim.v1.Shim", task_methods},
						  {"gantry.shim.v1.Streams", streams_methods},
						  {NULL, NULL}};
	ignore_signals();
	umask(022);
	log_open("log", a->debug);
	self_raise_oom_score();
	self_schedule_apart();
	shim_namespace = a->ns;
	int fd = own_socket(a);
	if (fd < 0 || loop_init() || reap_init() || server_init(fd, services)) {
		fprintf(stderr, "containerd-shim-gantry-v1: cannot serve: %s\n", strerror(errno));
		return 1;
	}
	start_publisher(a);
	failpoint("serve.ready");
	loop_run();
	return 0;
}
