/* A process that is not our child: the parent of both has to be another one, which reaps it or does not. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "fake-daemon.h"
#include "orphan.h"
#include "proc.h"
#include "reap.h"

static unsigned seen_status;
static bool seen;

static void on_end(struct child *c, unsigned status, struct timespec at)
{
	(void)c;
	(void)at;
	seen = true;
	seen_status = status;
}

/* A child that waits for a byte and then ends with `code`, or by signal -code. It stays a zombie until we reap it. */
static pid_t start_child(int code, int go[2])
{
	pipe(go);
	pid_t pid = fork();
	if (!pid) {
		char byte;
		read(go[0], &byte, 1);
		if (code < 0)
			kill(getpid(), -code);
		_exit(code);
	}
	return pid;
}

static void end_is_told(int code, unsigned want)
{
	int go[2];
	struct child c = {0};
	struct proc_stat s;
	unsigned status = 0;
	pid_t pid = start_child(code, go);
	CHECK(proc_stat_read(pid, &s) && s.start_ticks > 0);
	CHECK(orphan_open(pid, s.start_ticks + 1) < 0);
	int fd = orphan_open(pid, s.start_ticks);
	CHECK(fd >= 0 && !orphan_status(pid, fd, &status));
	seen = false;
	reap_watch(&c, pid, on_end);
	CHECK(!orphan_follow(pid, fd));
	write(go[1], "", 1);
	for (int i = 0; i < 200 && !seen; i++)
		daemon_run(-1, 10);
	CHECK(seen && seen_status == want);
	waitpid(pid, NULL, 0);
	close(go[0]);
	close(go[1]);
}

void test_orphan(void)
{
	struct proc_stat s;
	CHECK(!proc_stat_read(0x7ffffff0, &s));
	end_is_told(7, 7);
	end_is_told(-SIGKILL, 128 + SIGKILL);
	end_is_told(0, 0);
	int p[2];
	pipe(p);
	int copy = orphan_fetch(getpid(), p[1]);
	CHECK(copy >= 0 && write(copy, "x", 1) == 1);
	close(copy);
	close(p[0]);
	close(p[1]);
	CHECK(orphan_fetch(getpid(), 9999) < 0);
}
