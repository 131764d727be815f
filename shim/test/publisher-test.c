#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "fake-daemon.h"
#include "file.h"
#include "pb.h"
#include "publisher.h"
#include "ttrpc.h"

static void send_event(const char *topic)
{
	struct buf b = {0};
	pb_str(&b, 1, "c1");
	publisher_send(topic, "containerd.events.X", &b);
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
	daemon_run(-1, 60);
	CHECK(!publisher_empty());
	CHECK(daemon_open(path));
	daemon_run(2, 2000);
	daemon_settle();
	CHECK(publisher_empty());
	CHECK_STR(daemon_topics, "/tasks/create /tasks/start ");
	/* A refusing daemon loses an unimportant event after five refusals, an exit never. */
	*daemon_topics = 0;
	daemon_code = RPC_INVALID_ARGUMENT;
	send_event("/tasks/paused");
	send_event("/tasks/exit");
	daemon_run(6, 5000);
	daemon_code = 0;
	daemon_run(1, 2000);
	daemon_settle();
	CHECK(publisher_empty());
	const char *exit = strstr(daemon_topics, "/tasks/exit");
	CHECK(exit && !strstr(exit, "/tasks/paused"));
	/* Over the bound the oldest event that is not an exit goes first. */
	daemon_close(path);
	*daemon_topics = 0;
	send_event("/tasks/exit");
	for (int i = 0; i < EVENTS_MAX + 10; i++)
		send_event("/tasks/oom");
	CHECK(daemon_open(path));
	daemon_run(1, 2000);
	CHECK(!strncmp(daemon_topics, "/tasks/exit ", 12));
	daemon_settle();
	CHECK(publisher_empty());
	daemon_close(path);
	daemon_run(-1, 20);
	rmdir(dir);
	free(path);
}
