#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "log.h"

static const struct service *services;
static struct watch listener;
static struct timer accept_pause;

enum { ACCEPT_PAUSE_MS = 100 };

static bool same(const uint8_t *p, size_t len, const char *s)
{
	return strlen(s) == len && !memcmp(p, s, len);
}

static const struct method *find_method(struct conn *c, uint32_t stream, const struct ttrpc_request *r)
{
	char text[256];
	const struct service *s = services;
	while (s->name && !same(r->service, r->service_len, s->name))
		s++;
	const struct method *m = s->methods;
	while (m && m->name && !same(r->method, r->method_len, m->name))
		m++;
	if (m && m->name)
		return m;
	int n = (int)(m ? r->method_len : r->service_len);
	snprintf(text, sizeof text, "%s %.*s", m ? "method" : "service", n > 200 ? 200 : n,
		 n ? (const char *)(m ? r->method : r->service) : "");
	conn_send(c, stream, RPC_UNIMPLEMENTED, text, NULL);
	return NULL;
}

static void run_request(struct conn *c)
{
	uint32_t stream = c->in.h.stream;
	struct ttrpc_request r;
	if (!ttrpc_decode_request(c->in.body.p, c->in.body.len, &r)) {
		conn_send(c, stream, RPC_INVALID_ARGUMENT, "unmarshal request error: malformed message", NULL);
		return;
	}
	const struct method *m = find_method(c, stream, &r);
	if (!m)
		return;
	struct call *call = c->ncalls < CONN_CALLS_MAX ? calloc(1, sizeof *call) : NULL;
	if (!call) {
		conn_send(c, stream, RPC_RESOURCE_EXHAUSTED, "too many outstanding requests", NULL);
		return;
	}
	*call = (struct call){.next = c->calls, .conn = c, .stream = stream, .handler = m->fn, .body = c->in.body,
			      .payload = r.payload, .payload_len = r.payload_len};
	c->in.body = (struct buf){0};
	if (r.timeout_ns > 0)
		call->deadline_ms = now_ms() + (uint64_t)r.timeout_ns / 1000000;
	if (c->calls)
		c->calls->prev = call;
	c->calls = call;
	c->ncalls++;
	struct pb check = call_fields(call);
	while (pb_next(&check))
		;
	if (check.bad)
		call_error(call, RPC_INTERNAL, "ttrpc: error unmarshalling payload: malformed message");
	else
		m->fn(call);
}

void server_frame(struct conn *c)
{
	const struct ttrpc_header *h = &c->in.h;
	if (h->stream % 2 != 1) {
		conn_send(c, h->stream, RPC_INVALID_ARGUMENT, "StreamID must be odd for client initiated streams", NULL);
	} else if (h->type == TTRPC_DATA) {
		/* No method here is a stream, so no stream is ever open. */
		conn_send(c, h->stream, RPC_INVALID_ARGUMENT, "StreamID is no longer active", NULL);
	} else if (h->type == TTRPC_REQUEST) {
		if (h->stream <= c->last_stream) {
			conn_send(c, h->stream, RPC_INVALID_ARGUMENT, "StreamID cannot be re-used and must increment", NULL);
			return;
		}
		c->last_stream = h->stream;
		run_request(c);
	}
}

bool server_peer_allowed(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof cred;
	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) && cred.uid == geteuid() && cred.gid == getegid();
}

static void on_accept(struct watch *w, uint32_t events);

static void on_accept_again(struct timer *t)
{
	(void)t;
	loop_watch(&listener, listener.fd, EPOLLIN, on_accept);
}

static void on_accept(struct watch *w, uint32_t events)
{
	(void)events;
	errno = 0;
	for (int fd; (fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
		if (!server_peer_allowed(fd)) {
			log_warn("refused a connection of another user");
			close(fd);
		} else if (!conn_open(fd)) {
			log_warn("refused a connection: too many");
		}
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	/* Out of descriptors or memory: the client stays in the backlog, and asking again at once would spin. */
	loop_unwatch(w);
	loop_timer(&accept_pause, ACCEPT_PAUSE_MS, on_accept_again);
}

int server_init(int listen_fd, const struct service *table)
{
	services = table;
	return loop_watch(&listener, listen_fd, EPOLLIN, on_accept);
}

void server_close(void)
{
	loop_untimer(&accept_pause);
	loop_unwatch(&listener);
	close(listener.fd);
}

bool server_flushed(void)
{
	for (const struct conn *c = conns; c; c = c->next)
		if (!c->closing && c->out.len)
			return false;
	return true;
}
