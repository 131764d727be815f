#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "conn.h"

static struct call *held;
static int told_gone;

static void hold(struct call *call)
{
	held = call;
	loop_stop();
}

static void on_gone(struct call *call)
{
	(void)call;
	told_gone++;
}

static void stop(struct timer *t)
{
	(void)t;
	loop_stop();
}

static void turn_loop(void)
{
	struct timer t = {0};
	loop_timer(&t, 1, stop);
	loop_run();
}

static int connect_client(const struct sockaddr_un *name)
{
	struct buf request = {0}, payload = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ttrpc_put_request(&request, 1, "test.Service", "Hold", &payload, 0, NULL, NULL);
	CHECK(!connect(fd, (const struct sockaddr *)name, sizeof *name) &&
	      write(fd, request.p, request.len) == (ssize_t)request.len);
	buf_free(&request);
	loop_run();
	return fd;
}

/* The client has gone, and the answer is how the server finds out. */
static void an_answer_to_nobody_is_dropped(const struct sockaddr_un *name)
{
	int client = connect_client(name);
	held->gone = on_gone;
	close(client);
	call_reply(held, NULL);
	turn_loop();
	CHECK(!told_gone && !conns);
}

/* The same, with another call of the same client still under way: its holder is told, but not before we are done. */
static void the_other_calls_of_a_lost_client_are_told(const struct sockaddr_un *name)
{
	struct buf request = {0}, payload = {0};
	int client = connect_client(name);
	struct call *first = held;
	ttrpc_put_request(&request, 3, "test.Service", "Hold", &payload, 0, NULL, NULL);
	CHECK(write(client, request.p, request.len) == (ssize_t)request.len);
	buf_free(&request);
	loop_run();
	held->gone = on_gone;
	close(client);
	call_reply(first, NULL);
	CHECK(!told_gone);
	turn_loop();
	CHECK(told_gone == 1 && !held->conn && !conns);
	call_reply(held, NULL);
}

void test_server(void)
{
	static const struct method methods[] = {{"Hold", hold}, {NULL, NULL}};
	static const struct service services[] = {{"test.Service", methods}, {NULL, NULL}};
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/shim-server-XXXXXX";
	CHECK(mkdtemp(folder));
	snprintf(name.sun_path, sizeof name.sun_path, "%s/s", folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(!bind(fd, (struct sockaddr *)&name, sizeof name) && !listen(fd, 1) && !server_init(fd, services));
	an_answer_to_nobody_is_dropped(&name);
	the_other_calls_of_a_lost_client_are_told(&name);
	server_close();
	unlink(name.sun_path);
	rmdir(folder);
}
