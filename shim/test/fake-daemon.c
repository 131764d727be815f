#include "fake-daemon.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "check.h"
#include "loop.h"
#include "pb.h"
#include "publisher.h"
#include "ttrpc.h"

static struct watch listener, peer;
static struct ttrpc_parser parser;
char daemon_topics[256];
int daemon_code;
static int want;
static struct timer guard;

static void record(const struct ttrpc_request *r)
{
	struct pb f = pb_over(r->payload, r->payload_len), e;
	if (!pb_next(&f))
		return;
	e = pb_over(f.data, f.len);
	while (pb_next(&e))
		if (pb_is(&e, 3, PB_BYTES) && strlen(daemon_topics) + e.len < sizeof daemon_topics - 2) {
			strncat(daemon_topics, (const char *)e.data, e.len);
			strcat(daemon_topics, " ");
		}
}

static void on_peer(struct watch *w, uint32_t events)
{
	(void)events;
	uint8_t chunk[4096];
	ssize_t n = read(w->fd, chunk, sizeof chunk);
	if (n <= 0) {
		loop_unwatch(w);
		close(w->fd);
		return;
	}
	const uint8_t *p = chunk;
	size_t left = (size_t)n;
	while (ttrpc_feed(&parser, &p, &left) == TTRPC_FRAME) {
		struct ttrpc_request r;
		struct buf out = {0};
		CHECK(ttrpc_decode_request(parser.body.p, parser.body.len, &r));
		record(&r);
		ttrpc_put_response(&out, parser.h.stream, (enum rpc_code)daemon_code, "no", NULL);
		CHECK(write(w->fd, out.p, out.len) == (ssize_t)out.len);
		buf_free(&out);
	}
	if (--want == 0)
		loop_stop();
}

static void on_accept(struct watch *w, uint32_t events)
{
	(void)events;
	int fd = accept(w->fd, NULL, NULL);
	loop_watch(&peer, fd, EPOLLIN, on_peer);
}

static void on_guard(struct timer *t)
{
	(void)t;
	loop_stop();
}

void daemon_run(int reads, uint64_t at_most_ms)
{
	want = reads;
	loop_timer(&guard, at_most_ms, on_guard);
	loop_run();
	loop_untimer(&guard);
}

void daemon_settle(void)
{
	for (int i = 0; i < 2000 && !publisher_empty(); i++)
		daemon_run(-1, 5);
}

bool daemon_open(const char *path)
{
	int fd = address_listen(path);
	return fd >= 0 && !loop_watch(&listener, fd, EPOLLIN, on_accept);
}

void daemon_close(const char *path)
{
	close(listener.fd);
	loop_unwatch(&listener);
	if (peer.on) {
		close(peer.fd);
		loop_unwatch(&peer);
	}
	buf_free(&parser.body);
	parser = (struct ttrpc_parser){0};
	unlink(path);
}
