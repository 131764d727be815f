/*
 * Moves bytes from one descriptor to another without ever blocking: pipe to FIFO by splice (no copy, no buffer),
 * anything else through one small buffer that lives only while the sink is full. When the sink is full the source
 * is left alone, so the writer waits in its own pipe: that is containerd's flow control. A log is no such sink.
 */
#pragma once
#include "loop.h"

enum pump_sink {
	PUMP_PIPE, /* FIFO or pipe: wait when full; broken: see on_broken */
	PUMP_TTY,  /* wait when full */
	PUMP_TAKE  /* no descriptor: handed to `take`, in large pieces, which never waits */
};

enum pump_broken { PUMP_END, PUMP_DISCARD };

struct pump {
	struct watch src, dst;
	int src_fd, dst_fd; /* owned; -1: none */
	int keep_fd;        /* owned: our own far end of a FIFO, so that a vanishing client is neither EOF nor EPIPE */
	enum pump_sink sink;
	enum pump_broken on_broken; /* what to do when nobody reads the sink any more */
	bool copy;          /* read and write instead of splice */
	bool active;
	bool grown, busy;   /* PUMP_TAKE: the pipe has been made larger, and was needed so since `timer` was set */
	struct timer timer; /* makes the pipe smaller again; or the next turn of a source that cannot be watched */
	void (*take)(struct pump *p, const uint8_t *data, size_t len);
	uint8_t *held;      /* read but not yet written */
	size_t held_at, held_len;
	uint64_t lost;      /* bytes dropped */
	void (*done)(struct pump *p);
};

void pump_init(struct pump *p);
/* Starts moving; src_fd must be set and non-blocking. done runs once, from the loop, at end of file. */
void pump_start(struct pump *p, void (*done)(struct pump *));
/* Stops and closes everything without calling done. Idempotent. */
void pump_close(struct pump *p);
