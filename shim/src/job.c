#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

static void close_output(struct job *j)
{
	if (!j->out_watch.on)
		return;
	loop_unwatch(&j->out_watch);
	close(j->out_watch.fd);
}

static void read_output(struct job *j)
{
	uint8_t chunk[4096];
	while (j->out_watch.on) {
		ssize_t n = read(j->out_watch.fd, chunk, sizeof chunk);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close_output(j);
			return;
		}
		size_t room = JOB_OUTPUT_MAX - j->out.len;
		buf_add(&j->out, chunk, (size_t)n < room ? (size_t)n : room);
	}
}

static void on_output(struct watch *w, uint32_t events)
{
	(void)events;
	read_output(CONTAINER_OF(w, struct job, out_watch));
}

static void on_exit_status(struct child *c, unsigned status, struct timespec at)
{
	(void)at;
	struct job *j = CONTAINER_OF(c, struct job, child);
	loop_untimer(&j->deadline);
	/* What is in the pipe now is all we take: a grandchild may hold the other end for ever. */
	read_output(j);
	close_output(j);
	j->running = false;
	j->status = status;
	j->done(j);
}

static void on_deadline(struct timer *t)
{
	struct job *j = CONTAINER_OF(t, struct job, deadline);
	j->timed_out = true;
	kill(j->child.pid, SIGKILL);
}

int job_start(struct job *j, struct spawn *s, bool capture, uint64_t timeout_ms, void (*done)(struct job *))
{
	int out[2] = {-1, -1};
	*j = (struct job){.done = done};
	if (capture) {
		if (pipe2(out, O_CLOEXEC | O_NONBLOCK) || fcntl(out[1], F_SETFL, 0) ||
		    loop_watch(&j->out_watch, out[0], EPOLLIN, on_output)) {
			int saved = errno;
			if (out[0] >= 0)
				close(out[0]), close(out[1]);
			errno = saved;
			return -1;
		}
		s->fds[1] = s->fds[2] = out[1];
	}
	pid_t pid = spawn(s);
	int saved = errno;
	if (capture)
		close(out[1]);
	if (pid < 0) {
		close_output(j);
		errno = saved;
		return -1;
	}
	j->running = true;
	reap_watch(&j->child, pid, on_exit_status);
	if (timeout_ms)
		loop_timer(&j->deadline, timeout_ms, on_deadline);
	return 0;
}

void job_drop(struct job *j)
{
	if (j->running) {
		kill(j->child.pid, SIGKILL);
		reap_unwatch(&j->child);
		loop_untimer(&j->deadline);
		close_output(j);
		j->running = false;
	}
	buf_free(&j->out);
}
