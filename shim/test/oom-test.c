/* OOM events of a unified hierarchy, acted out with an ordinary file: the kernel, too, only modifies memory.events. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup-host.h"
#include "check.h"
#include "container.h"
#include "fake-daemon.h"
#include "file.h"
#include "oom.h"
#include "publisher.h"

static char *events;
static void tell(const char *text)
{
	CHECK(!file_write(events, 0600, text, strlen(text)));
	daemon_run(-1, 5);
}

/* Whether events were published since the last call, all of them about an OOM. */
static bool published(void)
{
	daemon_settle();
	bool any = *daemon_topics;
	if (any)
		CHECK_STR(daemon_topics, "/tasks/oom ");
	*daemon_topics = 0;
	return any;
}

static void only_kills_are_events(struct container *c)
{
	tell("low 0\nhigh 7\nmax 3\noom 2\noom_kill 2\n");
	oom_start(c);
	CHECK(c->oom != NULL);
	tell("low 0\nhigh 8\nmax 4\noom 2\noom_kill 2\n"); /* the count was there before */
	CHECK(!published());
	tell("low 0\nhigh 8\nmax 9\noom 3\noom_kill 2\n"); /* nothing was killed */
	CHECK(!published());
	tell("low 0\nhigh 8\nmax 9\noom 4\noom_kill 3\n");
	CHECK(published());
	tell("low 0\nhigh 8\nmax 9\noom 4\noom_kill 3\n");
	CHECK(!published());
}

/* The kernel's note may come later than the death. */
static void the_end_looks_once_more(struct container *c)
{
	const char *text = "oom 5\noom_kill 4\n";
	CHECK(!file_write(events, 0600, text, strlen(text)));
	oom_finish(c);
	CHECK(published() && !c->oom);
	oom_finish(c);
	oom_stop(c);
	CHECK(!published());
}

static void without_memory_events_nothing_is_watched(struct container *c)
{
	CHECK(!unlink(events));
	oom_start(c);
	CHECK(!c->oom);
}

void test_oom(void)
{
	char root[] = "/tmp/gantry-oom-XXXXXX";
	CHECK(mkdtemp(root) != NULL);
	char *socket = path_join(root, "t");
	events = path_join(root, "sys/fs/cgroup/box/memory.events");
	CHECK(!make_parents(events, 0700) && daemon_open(socket));
	publisher_init(socket, "ns");
	*daemon_topics = 0;
	char id[] = "box", cgroup[] = "0::/box\n";
	struct container c = {.id = id, .cgroup = cgroup};
	cgroup_pretend(root, true);
	only_kills_are_events(&c);
	the_end_looks_once_more(&c);
	without_memory_events_nothing_is_watched(&c);
	cgroup_pretend(NULL, false);
	daemon_close(socket);
	daemon_run(-1, 20);
	for (char *slash; (slash = strrchr(events, '/')) && slash > events + strlen(root);) {
		*slash = 0;
		CHECK(!rmdir(events));
	}
	CHECK(!rmdir(root));
	free(socket);
	free(events);
}
