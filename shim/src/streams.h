/*
 * The standard streams of one container process: between its pipes (or terminal) and what the client named - FIFOs,
 * a log of ours (a file among them) with or without an attach socket, or a logging program.
 *
 * Life: streams_open -> ready(ok) -> [runc is started with child[]] -> streams_handed -> [streams_console] ->
 * streams_run -> ... drained -> streams_close. streams_close is right at any point.
 */
#pragma once
#include "log-driver.h"
#include "logger.h"
#include "pump.h"
#include "ttrpc.h"

struct streams_spec {
	const char *in, *out, *err; /* FIFO path or URI; "" none */
	bool terminal;
	unsigned uid, gid;          /* owner of the container's pipe ends */
	const char *id, *ns;        /* for a logging program */
	uint64_t timeout_ms;        /* to wait for readers of FIFOs, or for the logging program */
	bool adopted;               /* the process runs already: what is not open yet and nobody reads is left out */
};

struct streams {
	struct pump in, out, err;
	int child[3];      /* what runc gets as 0, 1, 2; -1: /dev/null */
	int console;       /* terminal master, -1 without one (not owned: the pumps have their own) */
	struct logger *logger;
	struct log_driver *log;
	/* while opening */
	const struct streams_spec *spec;
	struct timer retry;
	uint64_t retry_ms, give_up_ms;
	struct buf error;
	enum rpc_code code; /* RPC_OK when the streams are open */
	void (*ready)(struct streams *s);
	void (*drained)(struct streams *s);
};

void streams_init(struct streams *s);
/* ready runs once, now or later; `spec` must live until then. On failure code and error are set. */
void streams_open(struct streams *s, const struct streams_spec *spec, void (*ready)(struct streams *));
/* runc has its copies: closes ours. */
void streams_handed(struct streams *s);
/* Takes over a terminal master. */
void streams_console(struct streams *s, int master);
void streams_run(struct streams *s);
/* The client wants end of file on stdin once what it wrote is read. */
void streams_close_stdin(struct streams *s);
/* True when all output has been passed on and a logging program has ended. */
bool streams_idle(const struct streams *s);
/* Calls drained (once) as soon as streams_idle, perhaps now. */
void streams_drain(struct streams *s, void (*drained)(struct streams *));
void streams_close(struct streams *s);

/* Numbers of the descriptors that another process can keep open: see gantry.shim.v1.Descriptor. */
enum { STREAMS_ROLES = 9 };
/* Where the descriptor of a role below STREAMS_ROLES is kept. */
int *streams_end(struct streams *s, unsigned role);
/* Runs fn for every role that is worth keeping; `out` is what the client gave as its standard output. */
void streams_each_kept(struct streams *s, const char *out, void (*fn)(struct streams *, unsigned role, void *arg),
		       void *arg);
