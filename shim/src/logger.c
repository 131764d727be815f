#include "logger.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "file.h"
#include "uri.h"

enum { END_GRACE_MS = 1000, TERM_GRACE_MS = 11000 };

static void close_ready(struct logger *l)
{
	if (!l->ready_watch.on)
		return;
	loop_unwatch(&l->ready_watch);
	close(l->ready_watch.fd);
}

static void report(struct logger *l, bool ok)
{
	void (*ready)(struct logger *, bool) = l->ready;
	close_ready(l);
	l->ready = NULL;
	if (ready)
		ready(l, ok);
}

static void on_ready(struct watch *w, uint32_t events)
{
	(void)events;
	struct logger *l = CONTAINER_OF(w, struct logger, ready_watch);
	char byte;
	ssize_t n = read(w->fd, &byte, 1);
	if (n < 0 && errno == EAGAIN)
		return;
	report(l, n > 0 || (n == 0 && !l->strict));
}

static void on_job_done(struct job *j)
{
	struct logger *l = CONTAINER_OF(j, struct logger, job);
	l->exited = true;
	loop_untimer(&l->timer);
	if (l->ready)
		report(l, false);
	else if (l->ended)
		l->ended(l);
}

static void make_pipe(int p[2])
{
	if (pipe2(p, O_CLOEXEC | O_NONBLOCK))
		p[0] = p[1] = -1;
}

int logger_start(struct logger *l, const char *uri, const char *id, const char *ns, int sink[2],
		 void (*ready)(struct logger *, bool))
{
	struct buf eid = {0}, ens = {0};
	char **argv = uri_argv(uri);
	int out[2], err[2], rdy[2], r = -1;
	*l = (struct logger){.owner = l->owner, .ready = ready, .strict = uri_kind(uri) == URI_BINARY_V2};
	make_pipe(out);
	make_pipe(err);
	make_pipe(rdy);
	buf_fmt(&eid, "CONTAINER_ID=%s", id);
	buf_fmt(&ens, "CONTAINER_NAMESPACE=%s", ns);
	const char *env[] = {buf_cstr(&eid), buf_cstr(&ens), NULL};
	errno = argv ? errno : EINVAL;
	if (argv && out[0] >= 0 && err[0] >= 0 && rdy[0] >= 0) {
		/* Their ends block: a logger is an ordinary program. */
		fcntl(out[0], F_SETFL, 0);
		fcntl(err[0], F_SETFL, 0);
		fcntl(rdy[1], F_SETFL, 0);
		struct spawn s = {.file = argv[0], .argv = (const char *const *)argv, .envp = env,
				  .fds = {-1, -1, -1, out[0], err[0], rdy[1]}, .nfds = 6};
		r = job_start(&l->job, &s, false, 0, on_job_done);
	}
	int saved = errno;
	close_fd(&out[0]);
	close_fd(&err[0]);
	close_fd(&rdy[1]);
	if (r) {
		close_fd(&out[1]);
		close_fd(&err[1]);
		close_fd(&rdy[0]);
	} else {
		sink[0] = out[1];
		sink[1] = err[1];
		loop_watch(&l->ready_watch, rdy[0], EPOLLIN, on_ready);
	}
	uri_free_argv(argv);
	buf_free(&eid);
	buf_free(&ens);
	errno = saved;
	return r;
}

static void on_kill(struct timer *t)
{
	kill(CONTAINER_OF(t, struct logger, timer)->job.child.pid, SIGKILL);
}

static void on_term(struct timer *t)
{
	kill(CONTAINER_OF(t, struct logger, timer)->job.child.pid, SIGTERM);
	loop_timer(t, TERM_GRACE_MS, on_kill);
}

void logger_finish(struct logger *l, void (*ended)(struct logger *))
{
	l->ended = ended;
	if (l->exited)
		ended(l);
	else
		loop_timer(&l->timer, END_GRACE_MS, on_term);
}

void logger_drop(struct logger *l)
{
	loop_untimer(&l->timer);
	close_ready(l);
	job_drop(&l->job);
	l->exited = true;
}
