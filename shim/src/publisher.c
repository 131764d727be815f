#include "publisher.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "failpoint.h"
#include "log.h"
#include "loop.h"
#include "pb.h"
#include "ttrpc.h"

/*
 * An event leaves the queue when the daemon says OK. As long as the daemon cannot be reached nothing is dropped
 * because of time: it may be down for hours and must still learn of every exit. Only an event the daemon itself
 * refuses again and again is dropped, and an exit or delete not even then: it goes to the end of the queue.
 */
enum { CALL_TIMEOUT_MS = 5000, RETRY_FIRST_MS = 20, RETRY_MAX_MS = 500, REFUSALS_MAX = 5 };

struct event {
	struct event *next;
	bool vital; /* exit or delete */
	unsigned refused;
	struct buf forward; /* serialized ForwardRequest */
};

static struct event *head, **tail = &head;
static unsigned count;
static struct sockaddr_un address;
static const char *namespace_name;

static struct watch sock;
static struct timer timer;
static struct buf out;
static struct ttrpc_parser in;
static uint32_t stream; /* of the call under way; the next is +2 */
static bool in_flight;  /* head has been sent on this connection */
static uint64_t retry_ms;

static void pump_queue(void);

static void free_event(struct event *e)
{
	buf_free(&e->forward);
	free(e);
}

static struct event *unlink_at(struct event **at)
{
	struct event *e = *at;
	*at = e->next;
	if (tail == &e->next)
		tail = at;
	count--;
	return e;
}

static void append(struct event *e)
{
	e->next = NULL;
	*tail = e;
	tail = &e->next;
	count++;
}

/* Makes room: the oldest event that is not an exit or delete, or else the oldest. The one under way stays. */
static void drop_one(void)
{
	struct event **first = in_flight ? &head->next : &head, **at = first;
	while (*at && (*at)->vital)
		at = &(*at)->next;
	log_warn("event queue is full: an event is dropped");
	free_event(unlink_at(*at ? at : first));
}

static void on_retry(struct timer *t)
{
	(void)t;
	pump_queue();
}

static void disconnect(void)
{
	if (sock.on) {
		loop_unwatch(&sock);
		close(sock.fd);
	}
	buf_free(&out);
	buf_free(&in.body);
	in = (struct ttrpc_parser){0};
	in_flight = false;
	stream = 0;
	loop_untimer(&timer);
}

static void retry_later(void)
{
	if (!head)
		return;
	retry_ms = !retry_ms ? RETRY_FIRST_MS : retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : retry_ms * 2;
	loop_timer(&timer, retry_ms, on_retry);
}

static void lost(void)
{
	disconnect();
	retry_later();
}

static void on_timeout(struct timer *t)
{
	(void)t;
	log_warn("forwarding an event timed out");
	lost();
}

static void on_answer(void)
{
	uint32_t code;
	const uint8_t *msg;
	size_t len;
	loop_untimer(&timer);
	in_flight = false;
	bool ok = ttrpc_decode_response(in.body.p, in.body.len, &code, &msg, &len) && !code;
	buf_free(&in.body);
	failpoint("event.answered");
	if (ok) {
		retry_ms = 0;
		free_event(unlink_at(&head));
		pump_queue();
		return;
	}
	log_warn("the daemon refused an event");
	if (++head->refused >= REFUSALS_MAX) {
		struct event *e = unlink_at(&head);
		e->refused = 0;
		if (e->vital)
			append(e);
		else
			free_event(e);
	}
	retry_later();
}

static void on_socket(struct watch *w, uint32_t events);

/* False when the connection broke. */
static bool flush(void)
{
	while (out.len) {
		ssize_t n = send(sock.fd, out.p, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			return false;
		buf_shift(&out, (size_t)n);
	}
	if (!out.len)
		buf_free(&out);
	return !loop_watch(&sock, sock.fd, EPOLLIN | (out.len ? EPOLLOUT : 0u), on_socket);
}

static void on_socket(struct watch *w, uint32_t events)
{
	uint8_t chunk[4096];
	if (events & EPOLLOUT && !flush()) {
		lost();
		return;
	}
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	ssize_t n = recv(w->fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		lost();
		return;
	}
	const uint8_t *p = chunk;
	size_t left = (size_t)n;
	while (sock.on && ttrpc_feed(&in, &p, &left) == TTRPC_FRAME)
		if (in_flight && in.h.type == TTRPC_RESPONSE && in.h.stream == stream)
			on_answer();
}

static bool connect_daemon(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) || loop_watch(&sock, fd, EPOLLIN, on_socket)) {
		close(fd);
		return false;
	}
	return true;
}

/* Sends the head of the queue unless a call is under way or a retry is pending. */
static void pump_queue(void)
{
	if (!head || in_flight || timer.on)
		return;
	if (!sock.on && !connect_daemon()) {
		retry_later();
		return;
	}
	stream = stream ? stream + 2 : 1;
	in_flight = true;
	ttrpc_put_request(&out, stream, "containerd.services.events.ttrpc.v1.Events", "Forward", &head->forward,
			  (int64_t)CALL_TIMEOUT_MS * 1000000, "containerd-namespace-ttrpc", namespace_name);
	loop_timer(&timer, CALL_TIMEOUT_MS, on_timeout);
	if (out.failed || !flush())
		lost();
	failpoint("event.sent");
}

void publisher_init(const char *addr, const char *ns)
{
	if (!strncmp(addr, "unix://", 7))
		addr += 7;
	address.sun_family = AF_UNIX;
	strncpy(address.sun_path, addr, sizeof address.sun_path - 1);
	namespace_name = ns;
}

void publisher_send(const char *topic, const char *type, struct buf *event)
{
	struct event *e = calloc(1, sizeof *e);
	struct timespec t = now_wall();
	struct buf envelope = {0};
	pb_time(&envelope, 1, t.tv_sec, (int32_t)t.tv_nsec);
	pb_str(&envelope, 2, namespace_name);
	pb_str(&envelope, 3, topic);
	pb_any(&envelope, 4, type, event);
	buf_free(event);
	if (e)
		pb_message(&e->forward, 1, &envelope);
	buf_free(&envelope);
	if (!e || e->forward.failed) {
		log_warn("out of memory: event %s is lost", topic);
		free(e);
		return;
	}
	e->vital = !strcmp(topic, "/tasks/exit") || !strcmp(topic, "/tasks/delete");
	if (count >= EVENTS_MAX)
		drop_one();
	append(e);
	pump_queue();
}

bool publisher_empty(void)
{
	return !head;
}
