#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "loop.h"
#include "pump.h"

static int ended;
static struct timer guard;

static void on_end(struct pump *p)
{
	(void)p;
	ended++;
	loop_stop();
}

static void on_guard(struct timer *t)
{
	(void)t;
	loop_stop();
}

static void run_ms(uint64_t ms)
{
	loop_timer(&guard, ms, on_guard);
	loop_run();
	loop_untimer(&guard);
}

/* Fills a pipe until it takes no more; how much it took. */
static size_t fill(int fd)
{
	char block[4096];
	size_t total = 0;
	ssize_t n;
	memset(block, 'x', sizeof block);
	while ((n = write(fd, block, sizeof block)) > 0)
		total += (size_t)n;
	return total;
}

static size_t drain(int fd)
{
	char block[4096];
	size_t total = 0;
	ssize_t n;
	while ((n = read(fd, block, sizeof block)) > 0)
		total += (size_t)n;
	return total;
}

/* A full sink must stop the flow without loss, and the flow must go on when there is room. */
static void full_sink_holds_back(bool copy)
{
	int in[2], out[2];
	struct pump p;
	CHECK(!pipe2(in, O_NONBLOCK) && !pipe2(out, O_NONBLOCK));
	pump_init(&p);
	p.src_fd = in[0];
	p.dst_fd = out[1];
	p.copy = copy;
	ended = 0;
	size_t sent = fill(in[1]), got = 0;
	pump_start(&p, on_end);
	run_ms(20);
	sent += fill(in[1]);
	run_ms(20);
	sent += fill(in[1]);
	close(in[1]);
	run_ms(20);
	CHECK(!ended);
	for (int i = 0; i < 50 && !ended; i++) {
		got += drain(out[0]);
		run_ms(5);
	}
	got += drain(out[0]);
	CHECK(ended == 1);
	CHECK(sent > 65536 && got == sent);
	CHECK(p.src_fd == -1 && p.dst_fd == -1);
	close(out[0]);
}

static void vanished_reader(enum pump_broken policy)
{
	int in[2], out[2];
	struct pump p;
	CHECK(!pipe2(in, O_NONBLOCK) && !pipe2(out, O_NONBLOCK));
	pump_init(&p);
	p.src_fd = in[0];
	p.dst_fd = out[1];
	p.on_broken = policy;
	close(out[0]);
	ended = 0;
	pump_start(&p, on_end);
	size_t sent = fill(in[1]);
	run_ms(20);
	CHECK(ended == (policy == PUMP_END));
	if (policy == PUMP_DISCARD) {
		CHECK(fill(in[1]) > 0); /* the writer is not blocked */
		close(in[1]);
		run_ms(50);
		CHECK(ended == 1 && p.lost > sent);
	} else {
		close(in[1]);
	}
	pump_close(&p);
}

static size_t taken;

static void take(struct pump *p, const uint8_t *data, size_t len)
{
	(void)p;
	for (size_t i = 0; i < len; i++)
		CHECK(data[i] == 'x');
	taken += len;
}

/* What is handed over is all that was written, and a writer that fills its pipe gets a larger one. */
static void takers_get_all(void)
{
	int in[2];
	struct pump p;
	CHECK(!pipe2(in, O_NONBLOCK | O_CLOEXEC));
	pump_init(&p);
	p.src_fd = in[0];
	p.sink = PUMP_TAKE;
	p.take = take;
	size_t sent = fill(in[1]);
	taken = 0;
	ended = 0;
	pump_start(&p, on_end);
	run_ms(20);
	CHECK(taken == sent && !ended);
	CHECK(fcntl(in[1], F_GETPIPE_SZ) > 65536);
	sent += fill(in[1]);
	close(in[1]);
	run_ms(200);
	CHECK(ended == 1 && taken == sent);
}

void test_pump(void)
{
	full_sink_holds_back(false);
	full_sink_holds_back(true);
	vanished_reader(PUMP_END);
	vanished_reader(PUMP_DISCARD);
	takers_get_all();
}
