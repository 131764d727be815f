#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "scratch.h"

enum { CHUNK = 16384, SPLICE_MAX = 1 << 20, TURNS = 16, PIPE_USUAL = 65536, PIPE_LARGE = 1 << 20, SHRINK_MS = 10000 };

enum result { MORE, WAIT_SRC, WAIT_DST, ENDED };

void pump_init(struct pump *p)
{
	*p = (struct pump){.src_fd = -1, .dst_fd = -1, .keep_fd = -1};
}

void pump_close(struct pump *p)
{
	loop_unwatch(&p->src);
	loop_unwatch(&p->dst);
	loop_untimer(&p->timer);
	close_fd(&p->src_fd);
	close_fd(&p->dst_fd);
	close_fd(&p->keep_fd);
	free(p->held);
	p->held = NULL;
	p->active = false;
}

static enum result broken(struct pump *p)
{
	if (p->on_broken == PUMP_END)
		return ENDED;
	log_warn("nobody takes the output of a process any more; it is discarded");
	loop_unwatch(&p->dst);
	close_fd(&p->dst_fd);
	p->lost += p->held_len;
	p->held_len = 0;
	p->copy = true;
	return MORE;
}

/* Writes what is held; MORE when nothing is left. */
static enum result put(struct pump *p, const uint8_t *data)
{
	while (p->held_len) {
		ssize_t n = write(p->dst_fd, data + p->held_at, p->held_len);
		if (n >= 0) {
			p->held_at += (size_t)n;
			p->held_len -= (size_t)n;
		} else if (errno == EAGAIN) {
			return WAIT_DST;
		} else if (errno != EINTR) {
			return broken(p);
		}
	}
	return MORE;
}

static enum result copy_some(struct pump *p)
{
	uint8_t chunk[CHUNK];
	ssize_t n = read(p->src_fd, chunk, sizeof chunk);
	if (n < 0 && errno == EAGAIN)
		return WAIT_SRC;
	if (n < 0 && errno == EINTR)
		return MORE;
	if (n <= 0) /* EIO: the last terminal slave is closed */
		return ENDED;
	if (p->dst_fd < 0) {
		p->lost += (uint64_t)n;
		return MORE;
	}
	p->held_at = 0;
	p->held_len = (size_t)n;
	enum result r = put(p, chunk);
	if (r != WAIT_DST)
		return r;
	p->held = malloc(p->held_len);
	if (!p->held) {
		p->lost += p->held_len;
		p->held_len = 0;
		return MORE;
	}
	memcpy(p->held, chunk + p->held_at, p->held_len);
	p->held_at = 0;
	return WAIT_DST;
}

static void on_shrink(struct timer *t)
{
	struct pump *p = CONTAINER_OF(t, struct pump, timer);
	if (p->busy) {
		p->busy = false;
		loop_timer(t, SHRINK_MS, on_shrink);
	} else if (fcntl(p->src_fd, F_SETPIPE_SZ, PIPE_USUAL) >= 0) {
		p->grown = false;
	} else {
		loop_timer(t, SHRINK_MS, on_shrink);
	}
}

/*
 * A writer that fills its pipe gets a larger one while it goes on: it then waits less often for us, and we read more at
 * once. Not for longer, as the kernel limits the pages of all pipes of a user.
 */
static void grow(struct pump *p)
{
	p->busy = true;
	if (p->grown || fcntl(p->src_fd, F_SETPIPE_SZ, PIPE_LARGE) < 0)
		return;
	p->grown = true;
	loop_timer(&p->timer, SHRINK_MS, on_shrink);
}

static enum result take_some(struct pump *p)
{
	uint8_t small[PIPE_BUF];
	struct scratch *s = scratch_get();
	ssize_t n = s ? read(p->src_fd, s->in, sizeof s->in) : read(p->src_fd, small, sizeof small);
	if (n < 0 && errno == EAGAIN)
		return WAIT_SRC;
	if (n < 0 && errno == EINTR)
		return MORE;
	if (n <= 0) /* EIO: the last terminal slave is closed */
		return ENDED;
	if (n >= PIPE_USUAL / 2)
		grow(p);
	p->take(p, s ? s->in : small, (size_t)n);
	return MORE;
}

static enum result splice_some(struct pump *p)
{
	ssize_t n = splice(p->src_fd, NULL, p->dst_fd, NULL, SPLICE_MAX, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0 || (n < 0 && errno == EINTR))
		return MORE;
	if (n == 0)
		return ENDED;
	if (errno == EAGAIN) {
		/* splice does not say which end was the reason */
		struct pollfd f = {.fd = p->src_fd, .events = POLLIN};
		return poll(&f, 1, 0) > 0 && f.revents & POLLIN ? WAIT_DST : WAIT_SRC;
	}
	if (errno == EPIPE)
		return broken(p);
	p->copy = true;
	return MORE;
}

static enum result step(struct pump *p)
{
	if (p->held) {
		enum result r = put(p, p->held);
		if (r == WAIT_DST)
			return r;
		free(p->held);
		p->held = NULL;
		if (r == ENDED)
			return r;
	}
	if (p->sink == PUMP_TAKE)
		return take_some(p);
	return p->copy ? copy_some(p) : splice_some(p);
}

static void on_src(struct watch *w, uint32_t events);
static void on_dst(struct watch *w, uint32_t events);
static void on_turn(struct timer *t);

/* Goes on when there is something to read, which in a file is always; it has no other use for the timer. */
static bool await_src(struct pump *p)
{
	if (p->src.on || !loop_watch(&p->src, p->src_fd, EPOLLIN, on_src))
		return true;
	if (errno != EPERM)
		return false;
	loop_timer(&p->timer, 0, on_turn);
	return true;
}

static void run(struct pump *p)
{
	enum result r = MORE;
	for (int i = 0; i < TURNS && r == MORE; i++)
		r = step(p);
	if (r == WAIT_DST) {
		loop_unwatch(&p->src);
		if (p->dst.on || !loop_watch(&p->dst, p->dst_fd, EPOLLOUT, on_dst))
			return;
		r = ENDED;
	}
	loop_unwatch(&p->dst);
	if (r != ENDED && await_src(p))
		return;
	if (p->lost)
		log_warn("%llu bytes of output were lost", (unsigned long long)p->lost);
	void (*done)(struct pump *) = p->done;
	pump_close(p);
	if (done)
		done(p);
}

static void on_src(struct watch *w, uint32_t events)
{
	(void)events;
	run(CONTAINER_OF(w, struct pump, src));
}

static void on_dst(struct watch *w, uint32_t events)
{
	(void)events;
	run(CONTAINER_OF(w, struct pump, dst));
}

static void on_turn(struct timer *t)
{
	run(CONTAINER_OF(t, struct pump, timer));
}

void pump_start(struct pump *p, void (*done)(struct pump *))
{
	p->done = done;
	p->active = true;
	p->copy |= p->sink != PUMP_PIPE;
	if (!await_src(p)) {
		log_warn("cannot watch a stream: %s", strerror(errno));
		pump_close(p);
	}
}
