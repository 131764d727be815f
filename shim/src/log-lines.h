/*
 * Output cut into log records. A record is a line; a line longer than LOG_LINE_MAX comes in parts, and what is left of
 * a line when the stream ends is a part too. Nothing is kept but an unfinished line.
 */
#pragma once
#include <time.h>

#include "log-options.h"

enum { LOG_LINE_MAX = 16384, LOG_TIME_LEN = 30, LOG_AFFIX_MAX = 64 };

/* One stream's unfinished line; zeroed at first. */
struct log_lines {
	uint8_t *held; /* LOG_LINE_MAX bytes, only while there is something in it */
	size_t held_len;
};

/* What stands before or after the text of a record. */
struct log_affix {
	uint8_t p[LOG_AFFIX_MAX];
	size_t len;
};

/* Where records go: `cap` bytes, at least LOG_RECORD_MAX, given to `flush` when there are LOG_FLUSH or no room. */
struct log_out {
	uint8_t *p;
	size_t len, cap;
	void (*flush)(struct log_out *o);
	void *owner;
	enum log_format format; /* LOG_CRI or LOG_JSON */
	const char *stream;     /* "stdout" or "stderr" */
	char time[LOG_TIME_LEN + 1];
	struct log_affix head[2], tail[2]; /* of a part, of the end of a line; set with the time */
};

/* No record is longer: each byte of a line becomes six at most, and what is around it. */
enum { LOG_RECORD_MAX = 6 * LOG_LINE_MAX + 256, LOG_FLUSH = 128 << 10 };

/* Sets the time of the records that follow, once format and stream are known: 2006-01-02T15:04:05.000000000Z. */
void log_out_time(struct log_out *o, struct timespec at);
void log_lines_feed(struct log_lines *l, struct log_out *o, const uint8_t *data, size_t len);
/* The stream has ended: what is left goes out as a part. */
void log_lines_end(struct log_lines *l, struct log_out *o);
/* A record (JSON only) that says what is missing before it. */
void log_out_lost(struct log_out *o, uint64_t bytes, const char *why);
/* Appends text of any bytes as the inside of a JSON string; `room` is 6 * len + 16 at least. The new end. */
uint8_t *log_escape(uint8_t *room, const uint8_t *text, size_t len);
