/* The ttrpc server: connections, frames, and calls waiting for an answer. */
#pragma once
#include "buf.h"
#include "loop.h"
#include "pb.h"
#include "ttrpc.h"

struct conn;

/* One unary request. Whoever holds it must end it with call_reply or call_error exactly once. */
struct call {
	struct call *next, *prev; /* siblings on the connection */
	struct conn *conn;        /* NULL when the client went away: the answer is dropped */
	uint32_t stream;
	void (*handler)(struct call *c);
	struct buf body; /* the frame; payload points into it */
	const uint8_t *payload;
	size_t payload_len;
	uint64_t deadline_ms; /* CLOCK_MONOTONIC; 0: none */
	struct call *queued;  /* link for whoever parks the call */
	struct timer timer;   /* for whoever parks the call; cleared on reply */
	/* Set by whoever must know that the client is gone; may end the call. */
	void (*gone)(struct call *c);
	void *owner;
};

struct method {
	const char *name;
	void (*fn)(struct call *c);
};

struct service {
	const char *name;
	const struct method *methods; /* ended by a NULL name */
};

/* Serves `services` (ended by a NULL name) on an already listening socket. */
int server_init(int listen_fd, const struct service *services);
/* True when the peer of a connection has our own uid and gid: only then it may drive containers. */
bool server_peer_allowed(int fd);
/* Accepts no more connections; open ones go on. */
void server_close(void);
/* True when every queued answer has reached the kernel. */
bool server_flushed(void);

struct pb call_fields(const struct call *c);
/* Sends `payload` (may be NULL) as the answer and frees the call and the payload's memory. */
void call_reply(struct call *c, struct buf *payload);
__attribute__((format(printf, 3, 4))) void call_error(struct call *c, enum rpc_code code, const char *fmt, ...);
/* Milliseconds left until the call's deadline, at least 1, at most cap_ms. */
uint64_t call_left_ms(const struct call *c, uint64_t cap_ms);
/* Runs the call's handler again from the start. */
void call_again(struct call *c);
