#include "attach-client.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TO_HELLO = 0, TO_INPUT = 1, TO_SIZE = 2 };
enum { FROM_HELLO = 0, FROM_SKIPPED = 3, FROM_END = 4, FROM_REFUSED = 5 };
enum { HELLO_TERMINAL = 1, HELLO_INPUT = 2, HELLO_REPLAY = 1 };
/* PIECES: read from one client before others get their turn; PIECES_MAX: more than a socket holds. */
enum { SMALL_MAX = 16, SEND_BUFFER = 1 << 20, PIECES = 16, PIECES_MAX = 1024 };

/* Input that waits for room. */
static bool has_body(const struct attach_client *c)
{
	return c->header[0] == TO_INPUT && c->body_at < c->body_len;
}

/* Watches for what can go on; false when that fails. */
static bool watch(struct attach_client *c, bool blocked);

static void queue(struct attach_client *c, uint8_t type, const void *data, size_t len)
{
	if (c->own_len + RING_HEADER + len > sizeof c->own)
		return;
	uint8_t *p = c->own + c->own_len;
	memcpy(p, (uint8_t[RING_HEADER]){type, 0, 0, 0, 0, 0, (uint8_t)(len >> 8), (uint8_t)len}, RING_HEADER);
	memcpy(p + RING_HEADER, data, len);
	c->own_len += RING_HEADER + len;
}

static void refuse(struct attach_client *c, const char *why)
{
	queue(c, FROM_REFUSED, why, strlen(why));
	c->last = true;
}

void attach_client_free(struct attach_client *c)
{
	struct attach *a = c->attach;
	struct attach_client **at = &a->clients;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	a->nclients--;
	loop_unwatch(&c->watch);
	close(c->watch.fd);
	free(c);
	attach_client_gone(a);
}

void attach_client_overtaken(struct attach_client *c, uint64_t next)
{
	if (!c->greeted || c->at >= next)
		return;
	if (c->at == c->frame_end) {
		c->skipped += ring_payload(&c->attach->ring, c->at);
	} else {
		/* Half sent: the rest is kept, or the client could make nothing of what follows. */
		while (c->at < next) {
			const uint8_t *p;
			size_t n = ring_peek(&c->attach->ring, c->at, &p);
			if (n > next - c->at)
				n = (size_t)(next - c->at);
			memcpy(c->own + c->own_len, p, n);
			c->own_len += n;
			c->at += n;
		}
	}
	c->at = c->frame_end = next;
}

/* 1: all sent, 0: the socket is full, -1: the client is gone */
static int send_own(struct attach_client *c)
{
	while (c->own_at < c->own_len) {
		ssize_t n = send(c->watch.fd, c->own + c->own_at, c->own_len - c->own_at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -1;
		c->own_at += n > 0 ? (size_t)n : 0;
	}
	c->own_at = c->own_len = 0;
	return 1;
}

static int send_ring(struct attach_client *c)
{
	const struct ring *r = &c->attach->ring;
	const uint8_t *p;
	size_t len = ring_peek(r, c->at, &p);
	ssize_t n = send(c->watch.fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EINTR ? 1 : errno == EAGAIN ? 0 : -1;
	c->at += (size_t)n;
	while (c->frame_end < c->at)
		c->frame_end += RING_HEADER + ring_payload(r, c->frame_end);
	return 1;
}

/* What comes next for the client, moved into `own` if it is not in the ring. False: nothing. */
static bool next_output(struct attach_client *c)
{
	const struct attach *a = c->attach;
	if (!c->greeted || c->last)
		return false;
	if (c->skipped && c->at == c->frame_end) {
		uint8_t count[8];
		for (int i = 0; i < 8; i++)
			count[i] = (uint8_t)(c->skipped >> (56 - 8 * i));
		queue(c, FROM_SKIPPED, count, sizeof count);
		c->skipped = 0;
		return true;
	}
	if (c->at < a->ring.end)
		return true;
	if (!a->ended)
		return false;
	queue(c, FROM_END, "", 0);
	c->last = true;
	return true;
}

void attach_client_send(struct attach_client *c)
{
	int r;
	do {
		r = send_own(c);
		if (r != 1)
			break;
		if (!next_output(c)) {
			r = c->last ? -1 : 1;
			break;
		}
		if (!c->own_len)
			r = send_ring(c);
	} while (r == 1);
	if (r < 0 || !watch(c, r == 0))
		attach_client_free(c);
}

static void hello(struct attach_client *c)
{
	struct attach *a = c->attach;
	char text[96];
	if (c->body_len != 2 || c->body[0] != ATTACH_VERSION) {
		snprintf(text, sizeof text, "attach protocol version %u is not supported; this is version %u",
			 c->body_len ? c->body[0] : 0u, (unsigned)ATTACH_VERSION);
		refuse(c, text);
		return;
	}
	c->greeted = true;
	c->at = c->frame_end = c->body[1] & HELLO_REPLAY ? a->ring.first : a->ring.end;
}

static void resize(const struct attach_client *c)
{
	const struct attach *a = c->attach;
	const uint8_t *b = c->body;
	struct winsize size = {.ws_col = (unsigned short)(b[0] << 8 | b[1]), .ws_row = (unsigned short)(b[2] << 8 | b[3])};
	if (a->tty_fd && *a->tty_fd >= 0)
		ioctl(*a->tty_fd, TIOCSWINSZ, &size);
}

/* A frame that is not input is whole in `body`. */
static void small_frame(struct attach_client *c)
{
	uint8_t type = c->header[0];
	if (type == TO_HELLO && !c->greeted)
		hello(c);
	else if (type == TO_SIZE && c->greeted && c->body_len == 4)
		resize(c);
	else
		refuse(c, c->greeted ? "a frame is malformed" : "the first frame has to be a hello");
	c->body_len = 0;
}

static bool header_valid(const struct attach_client *c)
{
	const uint8_t *h = c->header;
	return !h[1] && !h[2] && !h[3] && h[0] <= TO_SIZE &&
	       (h[0] == TO_INPUT ? c->greeted && c->left <= ATTACH_FRAME_MAX : c->left <= SMALL_MAX);
}

/* Reads at most `room` bytes to p: how many, 0: nothing now, -1: the client is gone */
static ssize_t receive(struct attach_client *c, uint8_t *p, size_t room)
{
	ssize_t n = recv(c->watch.fd, p, room, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return n ? n : -1;
}

static ssize_t read_header(struct attach_client *c)
{
	ssize_t n = receive(c, c->header + c->header_len, RING_HEADER - c->header_len);
	if (n <= 0)
		return n;
	c->header_len += (size_t)n;
	if (c->header_len == RING_HEADER) {
		const uint8_t *h = c->header;
		c->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
		if (!header_valid(c))
			refuse(c, c->greeted ? "a frame is malformed" : "the first frame has to be a hello");
	}
	return n;
}

/* Hands input on; false while it has to wait for room. */
static bool pass_input(struct attach_client *c)
{
	if (c->header[0] != TO_INPUT)
		return true;
	while (has_body(c)) {
		ssize_t n = attach_input(c->attach, c->body + c->body_at, c->body_len - c->body_at);
		if (n < 0)
			return false;
		c->body_at += (size_t)n;
	}
	c->body_at = c->body_len = 0;
	return true;
}

static ssize_t read_body(struct attach_client *c)
{
	size_t room = sizeof c->body - c->body_len;
	ssize_t n = receive(c, c->body + c->body_len, c->left < room ? c->left : room);
	if (n <= 0)
		return n;
	c->left -= (uint32_t)n;
	c->body_len += (size_t)n;
	return n;
}

/* One step of reading: 1: more may come, 0: wait, -1: the client is gone */
static int step(struct attach_client *c)
{
	if (c->last || !pass_input(c))
		return 0;
	if (c->header_len < RING_HEADER) {
		ssize_t n = read_header(c);
		if (n <= 0 || c->header_len < RING_HEADER || c->last)
			return n < 0 ? -1 : n > 0;
	} else if (c->left) {
		ssize_t n = read_body(c);
		if (n <= 0)
			return (int)n;
	}
	if (!pass_input(c))
		return 0;
	if (!c->left) {
		if (c->header[0] != TO_INPUT)
			small_frame(c);
		c->header_len = 0;
	}
	return 1;
}

static void take(struct attach_client *c, int pieces)
{
	int r = 1;
	for (int i = 0; i < pieces && r == 1; i++)
		r = step(c);
	if (r < 0)
		attach_client_free(c);
	else
		attach_client_send(c);
}

void attach_client_resume(struct attach_client *c)
{
	take(c, PIECES_MAX);
}

static void on_event(struct watch *w, uint32_t events)
{
	struct attach_client *c = CONTAINER_OF(w, struct attach_client, watch);
	if (events & EPOLLIN)
		take(c, PIECES);
	else if (has_body(c) && events & EPOLLHUP)
		loop_unwatch(w); /* gone, but what it wrote is still to be used */
	else if (events & (EPOLLERR | EPOLLHUP))
		attach_client_free(c);
	else
		attach_client_send(c);
}

static bool watch(struct attach_client *c, bool blocked)
{
	uint32_t want = (blocked ? (uint32_t)EPOLLOUT : 0) | (has_body(c) || c->last ? 0 : (uint32_t)EPOLLIN);
	if (c->watch.on && want == c->events)
		return true;
	c->events = want;
	return !loop_watch(&c->watch, c->watch.fd, want, on_event);
}

struct attach_client *attach_client_new(struct attach *a, int fd)
{
	struct attach_client *c = calloc(1, sizeof *c);
	int size = SEND_BUFFER;
	if (!c)
		return NULL;
	c->attach = a;
	c->watch.fd = fd;
	if (!watch(c, false)) {
		free(c);
		return NULL;
	}
	/* Where it is not permitted the usual size has to do. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	c->next = a->clients;
	a->clients = c;
	a->nclients++;
	uint8_t flags = (uint8_t)((a->terminal ? HELLO_TERMINAL : 0) | (a->has_input ? HELLO_INPUT : 0));
	queue(c, FROM_HELLO, (uint8_t[]){ATTACH_VERSION, flags}, 2);
	/* Sent from the loop: the caller still looks at c. */
	watch(c, true);
	return c;
}
