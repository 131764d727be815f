#include "attach.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "attach-client.h"
#include "log.h"
#include "server.h"

static void on_accept(struct watch *w, uint32_t events)
{
	(void)events;
	struct attach *a = CONTAINER_OF(w, struct attach, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		/* Out of descriptors: asking again at once would spin, and whoever waits can try again. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			loop_unwatch(w);
		return;
	}
	if (!server_peer_allowed(fd) || a->nclients >= ATTACH_CLIENTS_MAX || !attach_client_new(a, fd)) {
		log_warn("refused a client at %s", a->path);
		close(fd);
	}
}

/* A listener that was given up for want of descriptors is taken up again when one may be free. */
static void listen_again(struct attach *a)
{
	if (a->path && !a->listener.on)
		loop_watch(&a->listener, a->listener.fd, EPOLLIN, on_accept);
}

int attach_open(struct attach *a, const char *path)
{
	int fd = address_listen(path);
	if (fd < 0)
		return -1;
	a->path = strdup(path);
	if (a->path && !loop_watch(&a->listener, fd, EPOLLIN, on_accept))
		return 0;
	int saved = a->path ? errno : ENOMEM;
	close(fd);
	unlink(path);
	free(a->path);
	a->path = NULL;
	errno = saved;
	return -1;
}

/* The oldest frame has to go; clients that have not read it lose it. */
static void drop_oldest(struct attach *a)
{
	uint64_t next = a->ring.first + RING_HEADER + ring_payload(&a->ring, a->ring.first);
	for (struct attach_client *c = a->clients; c; c = c->next)
		attach_client_overtaken(c, next);
	ring_drop(&a->ring);
}

static void send_all(struct attach *a)
{
	for (struct attach_client *c = a->clients, *next; c; c = next) {
		next = c->next;
		attach_client_send(c);
	}
}

void attach_output(struct attach *a, unsigned stream, const uint8_t *data, size_t len)
{
	/* Without clients only what will still be in the ring at the end matters. */
	if (!a->clients && len > RING_SIZE) {
		data += len - RING_SIZE;
		len = RING_SIZE;
	}
	for (size_t unsent = 0; len;) {
		size_t n = len < RING_PIECE ? len : RING_PIECE;
		while (!ring_has_room(&a->ring, n))
			drop_oldest(a);
		if (!ring_add(&a->ring, (uint8_t)stream, data, n))
			return;
		data += n;
		len -= n;
		unsent += n;
		if (!len || unsent >= RING_SIZE / 2) {
			send_all(a);
			unsent = 0;
		}
	}
}

void attach_end(struct attach *a)
{
	a->ended = true;
	send_all(a);
}

static void settle(struct attach *a)
{
	if (!a->in_over || !a->in_fd || *a->in_fd < 0)
		return;
	for (struct attach_client *c = a->clients, *next; c; c = next) {
		next = c->next;
		attach_client_resume(c);
	}
	if (!a->in_watch.on)
		a->close_input(a);
}

static void on_input_room(struct watch *w, uint32_t events)
{
	(void)events;
	struct attach *a = CONTAINER_OF(w, struct attach, in_watch);
	loop_unwatch(w);
	for (struct attach_client *c = a->clients, *next; c; c = next) {
		next = c->next;
		attach_client_resume(c);
	}
	if (!a->in_watch.on)
		settle(a);
}

ssize_t attach_input(struct attach *a, const uint8_t *data, size_t len)
{
	if (!a->in_fd || *a->in_fd < 0)
		return (ssize_t)len;
	ssize_t n = write(*a->in_fd, data, len);
	if (n >= 0)
		return n;
	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN)
		return (ssize_t)len; /* nobody reads it any more */
	if (!a->in_watch.on && loop_watch(&a->in_watch, *a->in_fd, EPOLLOUT, on_input_room))
		return (ssize_t)len;
	return -1;
}

void attach_end_input(struct attach *a)
{
	if (a->terminal)
		return; /* its end is a key, not a state */
	a->in_over = true;
	settle(a);
}

void attach_client_gone(struct attach *a)
{
	listen_again(a);
}

void attach_close(struct attach *a)
{
	a->in_fd = NULL;
	while (a->clients)
		attach_client_free(a->clients);
	loop_unwatch(&a->in_watch);
	if (a->path) {
		loop_unwatch(&a->listener);
		close(a->listener.fd);
		unlink(a->path);
		free(a->path);
		a->path = NULL;
	}
	ring_free(&a->ring);
}
