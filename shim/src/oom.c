#include "oom.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cgroup-file.h"
#include "cgroup.h"
#include "container.h"
#include "event.h"
#include "file.h"
#include "log.h"

struct oom {
	struct watch watch;
	struct container *container;
	char *dir;      /* of the memory controller */
	bool unified;
	uint64_t kills; /* v2: oom_kill as last seen */
};

void oom_stop(struct container *c)
{
	struct oom *o = c->oom;
	if (!o)
		return;
	c->oom = NULL;
	if (o->watch.on) {
		loop_unwatch(&o->watch);
		close(o->watch.fd);
	}
	free(o->dir);
	free(o);
}

/* v1: the kernel adds to an eventfd on every OOM, and once more when the cgroup goes away. */
static void look_v1(struct oom *o)
{
	uint64_t n;
	if (read(o->watch.fd, &n, sizeof n) == sizeof n && !access(o->dir, F_OK))
		event_oom(o->container);
}

static void on_v1(struct watch *w, uint32_t events)
{
	(void)events;
	struct oom *o = CONTAINER_OF(w, struct oom, watch);
	look_v1(o);
	if (access(o->dir, F_OK))
		oom_stop(o->container);
}

static int watch_v1(struct oom *o)
{
	char line[48];
	char *control = path_join(o->dir, "memory.oom_control"), *sink = path_join(o->dir, "cgroup.event_control");
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), r = -1;
	int from = control ? open(control, O_RDONLY | O_CLOEXEC) : -1, to = sink ? open(sink, O_WRONLY | O_CLOEXEC) : -1;
	snprintf(line, sizeof line, "%d %d ", event, from);
	if (event >= 0 && from >= 0 && to >= 0 && write(to, line, strlen(line)) > 0)
		r = loop_watch(&o->watch, event, EPOLLIN, on_v1);
	if (r)
		close_fd(&event);
	close_fd(&from);
	close_fd(&to);
	free(control);
	free(sink);
	return r;
}

static uint64_t kills(const struct oom *o)
{
	struct buf text = {0};
	uint64_t n = cgroup_text(o->dir, "memory.events", &text) ? cgroup_key(buf_cstr(&text), "oom_kill") : 0;
	buf_free(&text);
	return n;
}

/* v2: memory.events is modified for other reasons too; only a grown oom_kill count is an event. */
static void look_v2(struct oom *o)
{
	uint64_t now = kills(o);
	if (now <= o->kills)
		return;
	o->kills = now;
	event_oom(o->container);
}

static void on_v2(struct watch *w, uint32_t events)
{
	(void)events;
	char notes[1024];
	if (read(w->fd, notes, sizeof notes) > 0)
		look_v2(CONTAINER_OF(w, struct oom, watch));
}

static int watch_v2(struct oom *o)
{
	char *path = path_join(o->dir, "memory.events");
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), r = -1;
	if (fd >= 0 && path && inotify_add_watch(fd, path, IN_MODIFY) >= 0)
		r = loop_watch(&o->watch, fd, EPOLLIN, on_v2);
	if (r)
		close_fd(&fd);
	free(path);
	/* A cgroup that was there before may have a count of its own. */
	o->kills = kills(o);
	return r;
}

void oom_finish(struct container *c)
{
	if (!c->oom)
		return;
	if (c->oom->unified)
		look_v2(c->oom);
	else
		look_v1(c->oom);
	oom_stop(c);
}

void oom_start(struct container *c)
{
	bool unified = cgroup_unified();
	char *dir = c->cgroup ? cgroup_dir(c->cgroup, unified ? "" : "memory") : NULL;
	struct oom *o = dir ? calloc(1, sizeof *o) : NULL;
	if (!o) {
		free(dir);
		return;
	}
	o->container = c;
	o->dir = dir;
	o->unified = unified;
	c->oom = o;
	if (unified ? watch_v2(o) : watch_v1(o)) {
		log_warn("cannot watch %s for lack of memory", dir);
		oom_stop(c);
	}
}
