#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fifo.h"
#include "file.h"
#include "streams.h"
#include "uri.h"

enum { RETRY_FIRST_MS = 5, RETRY_MAX_MS = 100 };

/* For paths that are no FIFOs: files, most often /dev/null. */
static const int other_flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

static void finish(struct streams *s)
{
	void (*ready)(struct streams *) = s->ready;
	loop_untimer(&s->retry);
	s->ready = NULL;
	if (ready)
		ready(s);
}

__attribute__((format(printf, 3, 4))) static bool fail(struct streams *s, enum rpc_code code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vfmt(&s->error, fmt, ap);
	va_end(ap);
	s->code = code;
	return false;
}

static bool fail_fifo(struct streams *s, const char *how, const char *path)
{
	return fail(s, RPC_UNKNOWN, "containerd-shim: opening %s fifo \"%s\" failed: %s", how, path, strerror(errno));
}

/* A pipe whose end `ours` (0 or 1) is non-blocking; the other end is for the container and owned by it. */
static bool child_pipe(struct streams *s, int ours, int *our_fd, int *child_fd)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC))
		return fail(s, RPC_UNKNOWN, "failed to create pipe: %s", strerror(errno));
	*our_fd = p[ours];
	*child_fd = p[!ours];
	fcntl(*our_fd, F_SETFL, O_NONBLOCK);
	if (fchown(*child_fd, s->spec->uid, s->spec->gid))
		return fail(s, RPC_UNKNOWN, "failed to chown pipe: %s", strerror(errno));
	return true;
}

static bool open_stdin(struct streams *s)
{
	const char *path = s->spec->in;
	if (!*path)
		return true;
	if (uri_kind(path) == URI_ATTACH && uri_kind(s->spec->out) != URI_CRI && uri_kind(s->spec->out) != URI_JSON)
		return fail(s, RPC_INVALID_ARGUMENT, "stdin uri %s needs a log with an attach socket: invalid argument", path);
	s->in.sink = s->spec->terminal ? PUMP_TTY : PUMP_PIPE;
	if (s->spec->adopted)
		return true;
	if (uri_kind(path) == URI_ATTACH)
		return s->spec->terminal || child_pipe(s, 1, &s->in.dst_fd, &s->child[0]);
	s->in.src_fd = fifo_open(path, O_RDONLY);
	bool fifo = s->in.src_fd >= 0 || errno != EINVAL;
	/* As containerd: whatever else is there is read, and its end is the end. */
	if (!fifo)
		s->in.src_fd = open(path, O_RDONLY | other_flags);
	if (s->in.src_fd < 0)
		return fail_fifo(s, "stdin", path);
	/* Our own write end: a client that detaches is not end of file, and may come back. */
	if (fifo)
		s->in.keep_fd = fifo_open(path, O_WRONLY);
	if (fifo && s->in.keep_fd < 0)
		return fail_fifo(s, "stdin", path);
	return s->spec->terminal || child_pipe(s, 1, &s->in.dst_fd, &s->child[0]);
}

static bool open_pipes(struct streams *s)
{
	if (s->spec->terminal || s->spec->adopted)
		return true;
	enum uri_kind kind = uri_kind(s->spec->out);
	bool both = kind == URI_BINARY || kind == URI_BINARY_V2;
	return (!*s->spec->out || child_pipe(s, 0, &s->out.src_fd, &s->child[1])) &&
	       ((!*s->spec->err && !both) || child_pipe(s, 0, &s->err.src_fd, &s->child[2]));
}

static const char *fifo_path(const char *uri)
{
	return strncmp(uri, "fifo://", 7) ? uri : uri + 7;
}

/* As containerd: appended to, never made. 1: open; -1: failed */
static int open_sink_file(struct streams *s, struct pump *p, const char *path)
{
	p->copy = true;
	p->on_broken = PUMP_DISCARD;
	p->dst_fd = open(path, O_WRONLY | O_APPEND | other_flags);
	if (p->dst_fd >= 0 || s->spec->adopted)
		return 1;
	fail(s, RPC_UNKNOWN, "containerd-shim: opening file \"%s\" failed: %s", path, strerror(errno));
	return -1;
}

/* 1: open; 0: nobody reads yet; -1: failed */
static int open_sink(struct streams *s, struct pump *p, const char *uri)
{
	const char *path = fifo_path(uri);
	if (!*path || p->dst_fd >= 0)
		return 1;
	p->dst_fd = fifo_open(path, O_WRONLY);
	if (p->dst_fd < 0 && errno == EINVAL)
		return open_sink_file(s, p, path);
	/* The client has gone with the shim it belonged to: nobody is left to wait for. */
	if (p->dst_fd < 0 && s->spec->adopted) {
		p->copy = true;
		return 1;
	}
	if (p->dst_fd < 0)
		return errno == ENXIO ? 0 : (fail_fifo(s, "w/o", path), -1);
	p->keep_fd = fifo_open(path, O_RDONLY);
	return p->keep_fd < 0 ? (fail_fifo(s, "r/o", path), -1) : 1;
}

static void try_fifos(struct timer *t)
{
	struct streams *s = CONTAINER_OF(t, struct streams, retry);
	const char *err = s->spec->terminal ? "" : s->spec->err;
	int a = open_sink(s, &s->out, s->spec->out), b = a < 0 ? a : open_sink(s, &s->err, err);
	if (a < 0 || b < 0 || (a && b)) {
		finish(s);
	} else if (now_ms() >= s->give_up_ms) {
		fail(s, RPC_DEADLINE_EXCEEDED, "containerd-shim: opening w/o fifo \"%s\" failed: context deadline exceeded",
		     a ? s->spec->err : s->spec->out);
		finish(s);
	} else {
		loop_timer(t, s->retry_ms, try_fifos);
		s->retry_ms = s->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : s->retry_ms * 2;
	}
}

static void take_out(struct pump *p, const uint8_t *data, size_t len)
{
	log_driver_put(CONTAINER_OF(p, struct streams, out)->log, ATTACH_STDOUT, data, len);
}

static void take_err(struct pump *p, const uint8_t *data, size_t len)
{
	log_driver_put(CONTAINER_OF(p, struct streams, err)->log, ATTACH_STDERR, data, len);
}

static void close_attached_input(struct attach *a)
{
	struct log_driver *d = CONTAINER_OF(a, struct log_driver, attach);
	close_fd(d->attach.in_fd);
}

static void connect_attach(struct streams *s)
{
	struct attach *a = &s->log->attach;
	a->terminal = s->spec->terminal;
	a->has_input = uri_kind(s->spec->in) == URI_ATTACH;
	a->in_fd = a->has_input ? &s->in.dst_fd : NULL;
	a->tty_fd = &s->console;
	a->close_input = close_attached_input;
}

static bool open_log(struct streams *s)
{
	s->log = log_driver_open(s->spec->out, &s->error);
	if (!s->log) {
		s->code = errno == EINVAL ? RPC_INVALID_ARGUMENT : errno == ENOMEM ? RPC_RESOURCE_EXHAUSTED : RPC_UNKNOWN;
		return false;
	}
	if (uri_kind(s->spec->in) == URI_ATTACH && !s->log->attach.path)
		return fail(s, RPC_INVALID_ARGUMENT, "stdin is %s, but stdout uri %s has no option attach: invalid argument",
			    s->spec->in, s->spec->out);
	connect_attach(s);
	s->out.sink = s->err.sink = PUMP_TAKE;
	s->out.take = take_out;
	s->err.take = take_err;
	return true;
}

static void on_logger_ready(struct logger *l, bool ok)
{
	struct streams *s = l->owner;
	if (!ok)
		fail(s, RPC_UNKNOWN, "logging binary did not call ready (it may have crashed or exited prematurely)");
	finish(s);
}

static void on_logger_late(struct timer *t)
{
	struct streams *s = CONTAINER_OF(t, struct streams, retry);
	fail(s, RPC_DEADLINE_EXCEEDED, "logging binary was not ready in time: context deadline exceeded");
	finish(s);
}

static bool open_logger(struct streams *s)
{
	int sink[2];
	struct logger *l = calloc(1, sizeof *l);
	if (!l)
		return fail(s, RPC_RESOURCE_EXHAUSTED, "out of memory");
	l->owner = s;
	if (logger_start(l, s->spec->out, s->spec->id, s->spec->ns, sink, on_logger_ready)) {
		free(l);
		return fail(s, RPC_UNKNOWN, "failed to start binary process: %s", strerror(errno));
	}
	s->logger = l;
	s->out.dst_fd = sink[0];
	s->err.dst_fd = sink[1];
	if (s->spec->terminal)
		close_fd(&s->err.dst_fd);
	s->out.on_broken = s->err.on_broken = PUMP_DISCARD;
	loop_timer(&s->retry, s->spec->timeout_ms, on_logger_late);
	return true;
}

void streams_open(struct streams *s, const struct streams_spec *spec, void (*ready)(struct streams *))
{
	enum uri_kind kind = uri_kind(spec->out);
	s->spec = spec;
	s->ready = ready;
	s->retry_ms = RETRY_FIRST_MS;
	s->give_up_ms = now_ms() + spec->timeout_ms;
	if (!open_stdin(s) || !open_pipes(s)) {
		finish(s);
	} else if (kind == URI_NONE || kind == URI_FIFO) {
		try_fifos(&s->retry);
	} else if (kind == URI_FILE || kind == URI_CRI || kind == URI_JSON) {
		open_log(s);
		finish(s);
	} else if (kind == URI_UNKNOWN || kind == URI_ATTACH) {
		fail(s, RPC_UNKNOWN, "unknown STDIO scheme %.*s", (int)strcspn(spec->out, ":"), spec->out);
		finish(s);
	} else if (!open_logger(s)) {
		finish(s);
	}
}
