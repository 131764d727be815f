#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"
#include "job.h"
#include "loop.h"
#include "reap.h"

static int order[4], fired;
static struct timer t1, t2, t3;

static void fire(struct timer *t)
{
	order[fired++] = t == &t1 ? 1 : t == &t2 ? 2 : 3;
	if (fired == 2)
		loop_stop();
}

static void timers_run_in_order(void)
{
	loop_timer(&t1, 20, fire);
	loop_timer(&t2, 1, fire);
	loop_timer(&t3, 10, fire);
	loop_untimer(&t3);
	loop_untimer(&t3);
	loop_run();
	CHECK(fired == 2 && order[0] == 2 && order[1] == 1);
}

/* Two watches ready at once; the first to run removes the other, which must not be called. */
static struct watch wa, wb;
static int calls;

static void on_either(struct watch *w, uint32_t events)
{
	(void)events;
	calls++;
	loop_unwatch(w == &wa ? &wb : &wa);
	loop_unwatch(w);
	loop_stop();
}

static void removed_watch_is_not_called(void)
{
	int a[2], b[2];
	CHECK(!pipe(a) && !pipe(b));
	CHECK(write(a[1], "x", 1) == 1 && write(b[1], "x", 1) == 1);
	CHECK(!loop_watch(&wa, a[0], EPOLLIN, on_either) && !loop_watch(&wb, b[0], EPOLLIN, on_either));
	loop_run();
	CHECK(calls == 1);
	for (int i = 0; i < 2; i++)
		close(a[i]), close(b[i]);
}

static void stop(struct job *j)
{
	(void)j;
	loop_stop();
}

static int run_shell(struct job *j, const char *script, uint64_t timeout_ms)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct spawn s = {.file = "/bin/sh", .argv = argv, .fds = {-1, -1, -1}, .nfds = 3};
	int r = job_start(j, &s, true, timeout_ms, stop);
	if (!r)
		loop_run();
	return r;
}

static void jobs_report_how_they_ended(void)
{
	struct job j;
	CHECK(!run_shell(&j, "echo out; echo err >&2; exit 3", 5000));
	CHECK(j.status == 3 && !j.timed_out);
	CHECK_STR(buf_cstr(&j.out), "out\nerr\n");
	job_drop(&j);
	CHECK(!run_shell(&j, "kill -9 $$", 5000) && j.status == 137);
	job_drop(&j);
	CHECK(!run_shell(&j, "exec sleep 30", 20) && j.timed_out && j.status == 137);
	job_drop(&j);
	/* only 0, 1 and 2 reach a child, whatever this process has open */
	CHECK(!run_shell(&j, "ls /proc/self/fd | wc -l", 5000));
	CHECK(!strncmp(buf_cstr(&j.out), "4", 1)); /* and ls's own directory */
	job_drop(&j);
	const char *argv[] = {"x", NULL};
	struct spawn s = {.file = "/nonexistent", .argv = argv, .fds = {-1, -1, -1}, .nfds = 3};
	CHECK(job_start(&j, &s, false, 0, stop) == -1);
}

static void on_timer(struct timer *t)
{
	(void)t;
	loop_stop();
}

static void early_deaths_can_be_claimed(void)
{
	unsigned status = 0;
	struct timespec at;
	reap_hold();
	pid_t pid = fork();
	if (!pid)
		_exit(7);
	for (int i = 0; i < 200 && !reap_claim(pid, &status, &at); i++) {
		loop_timer(&t1, 5, on_timer);
		loop_run();
	}
	CHECK(status == 7);
	CHECK(!reap_claim(1 << 22, &status, &at));
	reap_release();
	CHECK(!reap_claim(pid, &status, &at));
}

void test_loop(void)
{
	CHECK(!loop_init() && !reap_init());
	timers_run_in_order();
	removed_watch_is_not_called();
	jobs_report_how_they_ended();
	early_deaths_can_be_claimed();
}
