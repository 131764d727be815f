#include "streams.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"

void streams_init(struct streams *s)
{
	*s = (struct streams){.child = {-1, -1, -1}, .console = -1};
	pump_init(&s->in);
	pump_init(&s->out);
	pump_init(&s->err);
}

void streams_handed(struct streams *s)
{
	for (int i = 0; i < 3; i++)
		close_fd(&s->child[i]);
}

void streams_console(struct streams *s, int master)
{
	fcntl(master, F_SETFL, O_NONBLOCK);
	s->console = master;
	s->out.src_fd = master;
	s->out.copy = true;
	/* A descriptor can be watched once: input to the terminal gets its own. */
	if (s->in.src_fd >= 0 || (s->log && s->log->attach.has_input))
		s->in.dst_fd = fcntl(master, F_DUPFD_CLOEXEC, 3);
}

static void check_idle(struct streams *s)
{
	void (*drained)(struct streams *) = s->drained;
	if (!drained || !streams_idle(s))
		return;
	s->drained = NULL;
	drained(s);
}

static void on_logger_ended(struct logger *l)
{
	check_idle(l->owner);
}

static void output_ended(struct streams *s)
{
	if (s->out.active || s->err.active)
		return;
	if (s->log)
		log_driver_end(s->log);
	if (s->logger)
		logger_finish(s->logger, on_logger_ended);
	else
		check_idle(s);
}

static void on_out_done(struct pump *p)
{
	struct streams *s = CONTAINER_OF(p, struct streams, out);
	s->console = -1;
	output_ended(s);
}

static void on_err_done(struct pump *p)
{
	output_ended(CONTAINER_OF(p, struct streams, err));
}

void streams_run(struct streams *s)
{
	if (s->out.src_fd >= 0)
		pump_start(&s->out, on_out_done);
	if (s->err.src_fd >= 0)
		pump_start(&s->err, on_err_done);
	if (s->in.src_fd >= 0)
		pump_start(&s->in, NULL);
}

void streams_close_stdin(struct streams *s)
{
	close_fd(&s->in.keep_fd);
	if (s->log && s->log->attach.has_input)
		attach_end_input(&s->log->attach);
}

bool streams_idle(const struct streams *s)
{
	return !s->out.active && !s->err.active && (!s->logger || s->logger->exited);
}

void streams_drain(struct streams *s, void (*drained)(struct streams *))
{
	s->drained = drained;
	check_idle(s);
}

void streams_close(struct streams *s)
{
	s->drained = NULL;
	s->ready = NULL;
	loop_untimer(&s->retry);
	streams_handed(s);
	if (s->log) {
		/* Output that was not waited for any longer: what was read of it is kept. */
		log_driver_end(s->log);
		log_driver_close(s->log);
		s->log = NULL;
	}
	pump_close(&s->in);
	pump_close(&s->out);
	pump_close(&s->err);
	s->console = -1;
	if (s->logger) {
		logger_drop(s->logger);
		free(s->logger);
		s->logger = NULL;
	}
	buf_free(&s->error);
}
