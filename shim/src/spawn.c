#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
enum { CLOSE_RANGE_CLOEXEC_FLAG = 1 << 2, CHILD_STACK = 16384 };

struct start {
	const struct spawn *s;
	volatile int error; /* set by the child: it shares our memory until exec */
};

/* Moves the wanted descriptors out of the way first, so that no dup2 overwrites one still needed. */
static int place_fds(const struct spawn *s)
{
	int high[SPAWN_FDS_MAX];
	for (unsigned i = 0; i < s->nfds; i++) {
		int from = s->fds[i];
		if (from < 0)
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
		high[i] = from < 0 ? -1 : fcntl(from, F_DUPFD_CLOEXEC, SPAWN_FDS_MAX);
		if (high[i] < 0)
			return -1;
	}
	for (unsigned i = 0; i < s->nfds; i++)
		if (dup2(high[i], (int)i) < 0)
			return -1;
	/* Everything we open is close-on-exec already; this covers what we inherited ourselves. */
	syscall(SYS_close_range, s->nfds, ~0u, CLOSE_RANGE_CLOEXEC_FLAG);
	return 0;
}

static int child_main(void *arg)
{
	struct start *st = arg;
	const struct spawn *s = st->s;
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	for (int sig = 1; sig < 32; sig++)
		sigaction(sig, &dfl, NULL);
	if (s->own_group)
		setpgid(0, 0);
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!place_fds(s)) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		/* execve changes neither; its type is older than const. */
		execve(s->file, (char *const *)(uintptr_t)s->argv, s->envp ? (char *const *)(uintptr_t)s->envp : environ);
	}
	st->error = errno;
	_exit(127);
}

pid_t spawn(const struct spawn *s)
{
	struct start st = {.s = s};
	sigset_t all, old;
	char *stack = malloc(CHILD_STACK);
	if (!stack)
		return -1;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	uintptr_t top = ((uintptr_t)stack + CHILD_STACK) & ~(uintptr_t)15;
	pid_t pid = clone(child_main, (void *)top, CLONE_VM | CLONE_VFORK | SIGCHLD, &st);
	int saved = errno;
	if (pid > 0 && st.error) {
		saved = st.error;
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(stack);
	errno = saved;
	return pid;
}

static char *try_dir(const char *dir, size_t dir_len, const char *name)
{
	size_t n = dir_len + strlen(name) + 2;
	char *path = malloc(n);
	if (!path)
		return NULL;
	snprintf(path, n, "%.*s/%s", (int)dir_len, dir, name);
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

char *spawn_lookup(const char *name)
{
	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : strdup(name);
	const char *dirs = getenv("PATH");
	if (!dirs)
		dirs = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	while (*dirs) {
		size_t n = strcspn(dirs, ":");
		char *path = n ? try_dir(dirs, n, name) : NULL;
		if (path)
			return path;
		dirs += n + (dirs[n] == ':');
	}
	errno = ENOENT;
	return NULL;
}
