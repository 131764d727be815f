#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "check.h"
#include "file.h"
#include "loop.h"
#include "pb.h"
#include "publisher.h"
#include "ttrpc.h"

/* A daemon in the same loop: records the topics it is told and answers each call with `code`. */
static struct watch listener, peer;
static struct ttrpc_parser parser;
static char topics[256];
static int code, want;
static struct timer guard;

static void record(const struct ttrpc_request *r)
{
	struct pb f = pb_over(r->payload, r->payload_len), e;
	if (!pb_next(&f))
		return;
	e = pb_over(f.data, f.len);
	while (pb_next(&e))
		if (pb_is(&e, 3, PB_BYTES) && strlen(topics) + e.len < sizeof topics - 2) {
			strncat(topics, (const char *)e.data, e.len);
			strcat(topics, " ");
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
		ttrpc_put_response(&out, parser.h.stream, (enum rpc_code)code, "no", NULL);
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

static void run_for(int calls, uint64_t at_most_ms)
{
	want = calls;
	loop_timer(&guard, at_most_ms, on_guard);
	loop_run();
	loop_untimer(&guard);
}

static void send_event(const char *topic)
{
	struct buf b = {0};
	pb_str(&b, 1, "c1");
	publisher_send(topic, "containerd.events.X", &b);
}

static void settle(void)
{
	for (int i = 0; i < 100 && !publisher_empty(); i++)
		run_for(-1, 5);
}

void test_publisher(void)
{
	char dir[] = "/tmp/gantry-pub-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	char *path = path_join(dir, "t");
	publisher_init(path, "ns");
	/* Nobody listens: events wait, in order. */
	send_event("/tasks/create");
	send_event("/tasks/start");
	run_for(-1, 60);
	CHECK(!publisher_empty());
	int fd = address_listen(path);
	CHECK(fd >= 0 && !loop_watch(&listener, fd, EPOLLIN, on_accept));
	run_for(2, 2000);
	settle();
	CHECK(publisher_empty());
	CHECK_STR(topics, "/tasks/create /tasks/start ");
	/* A refusing daemon loses an unimportant event after five refusals, an exit never. */
	*topics = 0;
	code = RPC_INVALID_ARGUMENT;
	send_event("/tasks/paused");
	send_event("/tasks/exit");
	run_for(6, 5000);
	code = 0;
	run_for(1, 2000);
	settle();
	CHECK(publisher_empty());
	const char *exit = strstr(topics, "/tasks/exit");
	CHECK(exit && !strstr(exit, "/tasks/paused"));
	/* Over the bound the oldest event that is not an exit goes first. */
	loop_unwatch(&listener);
	loop_unwatch(&peer);
	close(peer.fd);
	close(fd);
	unlink(path);
	*topics = 0;
	send_event("/tasks/exit");
	for (int i = 0; i < EVENTS_MAX + 10; i++)
		send_event("/tasks/oom");
	fd = address_listen(path);
	CHECK(!loop_watch(&listener, fd, EPOLLIN, on_accept));
	run_for(1, 2000);
	CHECK(!strncmp(topics, "/tasks/exit ", 12));
	run_for(EVENTS_MAX, 10000);
	settle();
	CHECK(publisher_empty());
	loop_unwatch(&listener);
	if (peer.on) {
		loop_unwatch(&peer);
		close(peer.fd);
	}
	close(fd);
	run_for(-1, 20);
	buf_free(&parser.body);
	unlink(path);
	rmdir(dir);
	free(path);
}
