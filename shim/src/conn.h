/* One ttrpc connection; private to the server. */
#pragma once
#include "server.h"

enum {
	CONN_OUT_MAX = 8 << 20, /* unsent bytes after which a client that does not read is dropped */
	CONN_CALLS_MAX = 4096,  /* calls without an answer */
	CONN_MAX = 256
};

struct conn {
	struct conn *next;
	struct watch watch;
	struct timer end;
	struct ttrpc_parser in;
	struct buf out;
	uint32_t last_stream;
	struct call *calls;
	unsigned ncalls;
	bool closing;
};

extern struct conn *conns;

/* Takes over an accepted, non-blocking socket. False when memory or room is short (fd is closed). */
bool conn_open(int fd);
/* Queues one response frame and sends what the socket takes. */
void conn_send(struct conn *c, uint32_t stream, enum rpc_code code, const char *message, const struct buf *payload);
/* Removes a call from the connection's list. */
void conn_forget(struct conn *c, struct call *call);
/* Handles one whole frame (server.c). */
void server_frame(struct conn *c);
