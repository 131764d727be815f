#include "conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn *conns;
static unsigned conn_count;

static void end_conn(struct timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, end), **at = &conns;
	while (c->calls) {
		struct call *call = c->calls;
		conn_forget(c, call);
		call->conn = NULL;
		if (call->gone)
			call->gone(call);
	}
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	conn_count--;
	buf_free(&c->in.body);
	buf_free(&c->out);
	free(c);
}

/*
 * Sends and receives nothing more. The calls are told, and the memory is freed, from a timer: a send fails in the middle
 * of handlers that still look at the connection, at the call they answer, and at the processes other calls work on.
 */
static void close_conn(struct conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	int fd = c->watch.fd;
	loop_unwatch(&c->watch);
	close(fd);
	loop_timer(&c->end, 0, end_conn);
}

void conn_forget(struct conn *c, struct call *call)
{
	if (call->prev)
		call->prev->next = call->next;
	else
		c->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	call->next = call->prev = NULL;
	c->ncalls--;
}

static void on_event(struct watch *w, uint32_t events);

static void flush(struct conn *c)
{
	while (c->out.len) {
		ssize_t n = send(c->watch.fd, c->out.p, c->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			close_conn(c);
			return;
		}
		buf_shift(&c->out, (size_t)n);
	}
	if (!c->out.len)
		buf_free(&c->out);
	loop_watch(&c->watch, c->watch.fd, EPOLLIN | (c->out.len ? EPOLLOUT : 0u), on_event);
}

void conn_send(struct conn *c, uint32_t stream, enum rpc_code code, const char *message, const struct buf *payload)
{
	if (c->closing)
		return;
	ttrpc_put_response(&c->out, stream, code, message, payload);
	if (c->out.failed || c->out.len > CONN_OUT_MAX)
		close_conn(c);
	else
		flush(c);
}

static void on_bytes(struct conn *c, const uint8_t *data, size_t len)
{
	while (!c->closing) {
		switch (ttrpc_feed(&c->in, &data, &len)) {
		case TTRPC_MORE:
			return;
		case TTRPC_FRAME:
			server_frame(c);
			buf_free(&c->in.body);
			break;
		case TTRPC_OVERSIZED: {
			char text[96];
			snprintf(text, sizeof text, "message length %u exceed maximum message size of %d", c->in.h.len,
				 TTRPC_DATA_MAX);
			conn_send(c, c->in.h.stream, RPC_RESOURCE_EXHAUSTED, text, NULL);
			break;
		}
		case TTRPC_NO_MEMORY:
			close_conn(c);
			return;
		}
	}
}

static void on_event(struct watch *w, uint32_t events)
{
	struct conn *c = CONTAINER_OF(w, struct conn, watch);
	uint8_t chunk[8192];
	if (events & EPOLLOUT)
		flush(c);
	if (c->closing || !(events & ~(uint32_t)EPOLLOUT))
		return;
	ssize_t n = recv(w->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		close_conn(c);
	else
		on_bytes(c, chunk, (size_t)n);
}

bool conn_open(int fd)
{
	struct conn *c = conn_count < CONN_MAX ? calloc(1, sizeof *c) : NULL;
	if (!c || loop_watch(&c->watch, fd, EPOLLIN, on_event)) {
		free(c);
		close(fd);
		return false;
	}
	conn_count++;
	c->next = conns;
	conns = c;
	return true;
}
