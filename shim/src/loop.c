#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>

enum { BATCH = 32 };

static int epoll_fd = -1;
static bool running;
static struct timer *timers; /* sorted by at_ms */
/* The batch being handled: loop_unwatch clears entries of watches that go away before their turn. */
static struct epoll_event batch[BATCH];
static int batch_len, batch_at;

uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct timespec now_wall(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t;
}

int loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -1 : 0;
}

int loop_watch(struct watch *w, int fd, uint32_t events, void (*fn)(struct watch *, uint32_t))
{
	struct epoll_event e = {.events = events, .data.ptr = w};
	if (epoll_ctl(epoll_fd, w->on ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e))
		return -1;
	w->fd = fd;
	w->on = true;
	w->fn = fn;
	return 0;
}

void loop_unwatch(struct watch *w)
{
	if (!w->on)
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->on = false;
	for (int i = batch_at + 1; i < batch_len; i++)
		if (batch[i].data.ptr == w)
			batch[i].data.ptr = NULL;
}

void loop_timer(struct timer *t, uint64_t delay_ms, void (*fn)(struct timer *))
{
	loop_untimer(t);
	t->at_ms = now_ms() + delay_ms;
	t->fn = fn;
	t->on = true;
	struct timer **at = &timers;
	while (*at && (*at)->at_ms <= t->at_ms)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
}

void loop_untimer(struct timer *t)
{
	if (!t->on)
		return;
	struct timer **at = &timers;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->on = false;
}

static void run_timers(void)
{
	uint64_t now = now_ms();
	while (timers && timers->at_ms <= now) {
		struct timer *t = timers;
		timers = t->next;
		t->on = false;
		t->fn(t);
	}
}

static int wait_ms(void)
{
	if (!timers)
		return -1;
	uint64_t now = now_ms();
	if (timers->at_ms <= now)
		return 0;
	uint64_t left = timers->at_ms - now;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void loop_run(void)
{
	running = true;
	while (running) {
		int n = epoll_wait(epoll_fd, batch, BATCH, wait_ms());
		batch_len = n < 0 ? 0 : n;
		for (batch_at = 0; batch_at < batch_len; batch_at++) {
			struct watch *w = batch[batch_at].data.ptr;
			if (w)
				w->fn(w, batch[batch_at].events);
		}
		batch_len = 0;
		run_timers();
	}
}

void loop_stop(void)
{
	running = false;
}
