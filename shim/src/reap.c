#include "reap.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"

struct early {
	struct early *next;
	pid_t pid;
	unsigned status;
	struct timespec at;
};

static struct child *children;
static struct early *early;
static unsigned holds;
static struct watch sigchld;

void reap_watch(struct child *c, pid_t pid, void (*fn)(struct child *, unsigned, struct timespec))
{
	reap_unwatch(c);
	*c = (struct child){.next = children, .pid = pid, .on = true, .fn = fn};
	children = c;
}

void reap_unwatch(struct child *c)
{
	if (!c->on)
		return;
	struct child **at = &children;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->on = false;
}

void reap_hold(void)
{
	holds++;
}

void reap_release(void)
{
	if (--holds)
		return;
	while (early) {
		struct early *e = early;
		early = e->next;
		free(e);
	}
}

bool reap_claim(pid_t pid, unsigned *status, struct timespec *at)
{
	/* A living child of that pid is a later process: the number was used again. */
	siginfo_t si = {0};
	if (!waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT))
		return false;
	for (struct early *e = early; e; e = e->next)
		if (e->pid == pid) {
			*status = e->status;
			*at = e->at;
			return true;
		}
	return false;
}

/* One entry per pid at most, so the list is bounded by the number of pids there are. */
static void remember(pid_t pid, unsigned status, struct timespec at)
{
	struct early *e = early;
	while (e && e->pid != pid)
		e = e->next;
	if (!e) {
		e = calloc(1, sizeof *e);
		if (!e)
			return;
		e->next = early;
		early = e;
	}
	e->pid = pid;
	e->status = status;
	e->at = at;
}

void reap_tell(pid_t pid, unsigned status, struct timespec at)
{
	for (struct child *c = children; c; c = c->next)
		if (c->pid == pid) {
			reap_unwatch(c);
			c->fn(c, status, at);
			return;
		}
	if (holds)
		remember(pid, status, at);
}

static void on_sigchld(struct watch *w, uint32_t events)
{
	(void)events;
	struct signalfd_siginfo si;
	while (read(w->fd, &si, sizeof si) == sizeof si)
		;
	int st;
	for (pid_t pid; (pid = waitpid(-1, &st, WNOHANG)) > 0;) {
		unsigned status = WIFSIGNALED(st) ? 128u + (unsigned)WTERMSIG(st) : (unsigned)WEXITSTATUS(st);
		reap_tell(pid, status, now_wall());
	}
}

int reap_init(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return -1;
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -1 : loop_watch(&sigchld, fd, EPOLLIN, on_sigchld);
}
