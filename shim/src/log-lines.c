#include "log-lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log-bytes.h"

static void affix_set(struct log_affix *a, const char *text)
{
	a->len = strlen(text);
	memcpy(a->p, text, a->len);
}

/* What stands before and after the text of each record until the time is set anew. */
static void set_affixes(struct log_out *o)
{
	char text[LOG_AFFIX_MAX + 1];
	for (int whole = 0; whole <= 1; whole++) {
		if (o->format == LOG_CRI) {
			snprintf(text, sizeof text, "%s %s %c ", o->time, o->stream, whole ? 'F' : 'P');
			affix_set(&o->head[whole], text);
			affix_set(&o->tail[whole], "\n");
		} else {
			const char *end = whole ? "\\n" : "";
			snprintf(text, sizeof text, "%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n", end, o->stream, o->time);
			affix_set(&o->head[whole], "{\"log\":\"");
			affix_set(&o->tail[whole], text);
		}
	}
}

void log_out_time(struct log_out *o, struct timespec at)
{
	struct tm tm;
	gmtime_r(&at.tv_sec, &tm);
	size_t n = strftime(o->time, sizeof o->time, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(o->time + n, sizeof o->time - n, ".%09ldZ", at.tv_nsec);
	set_affixes(o);
}

/* Always copies as much as there can be: that is quicker than a length that differs. */
static uint8_t *put(uint8_t *p, const struct log_affix *a)
{
	memcpy(p, a->p, sizeof a->p);
	return p + a->len;
}

/* One record of at most LOG_LINE_MAX bytes; `whole`: it ends its line. */
static void record(struct log_out *o, const uint8_t *text, size_t len, bool whole)
{
	if (o->cap - o->len < 6 * len + 256)
		o->flush(o);
	uint8_t *p = put(o->p + o->len, &o->head[whole]);
	if (o->format == LOG_CRI) {
		bytes_copy(p, text, len);
		p += len;
	} else {
		p = log_escape(p, text, len);
	}
	p = put(p, &o->tail[whole]);
	o->len = (size_t)(p - o->p);
	if (o->len >= LOG_FLUSH)
		o->flush(o);
}

void log_out_lost(struct log_out *o, uint64_t bytes, const char *why)
{
	if (o->format != LOG_JSON)
		return;
	if (o->cap - o->len < LOG_RECORD_MAX)
		o->flush(o);
	int n = snprintf((char *)o->p + o->len, LOG_RECORD_MAX,
			 "{\"log\":\"\",\"stream\":\"%s\",\"attrs\":{\"gantry.lost_bytes\":\"%llu\",\"gantry.error\":\"%s\"},"
			 "\"time\":\"%s\"}\n", o->stream, (unsigned long long)bytes, why, o->time);
	o->len += (size_t)n;
}

/* Where to cut text, of which more follows: a character of several bytes stays whole in a format that has characters. */
static size_t cut(const struct log_out *o, const uint8_t *text)
{
	size_t n = LOG_LINE_MAX;
	if (o->format != LOG_JSON || (text[n] & 0xc0) != 0x80)
		return n;
	for (size_t back = 1; back <= 3; back++)
		if ((text[n - back] & 0xc0) != 0x80)
			return text[n - back] >= 0xc0 ? n - back : n;
	return n;
}

static void hold(struct log_lines *l, struct log_out *o, const uint8_t *data, size_t len)
{
	/* One byte more: whether a line of just the limit goes on is known only with what follows it. */
	if (!l->held)
		l->held = malloc(LOG_LINE_MAX + 1);
	if (!l->held) {
		record(o, data, len, false);
		return;
	}
	memcpy(l->held + l->held_len, data, len);
	l->held_len += len;
}

static void drop_held(struct log_lines *l)
{
	free(l->held);
	*l = (struct log_lines){0};
}

/* Completes the held line as far as data goes; how much of data was used. */
static size_t complete(struct log_lines *l, struct log_out *o, const uint8_t *data, size_t len)
{
	size_t room = LOG_LINE_MAX + 1 - l->held_len, n = len < room ? len : room;
	size_t line = bytes_line(data, n);
	if (line < n) {
		n = line;
		memcpy(l->held + l->held_len, data, n);
		record(o, l->held, l->held_len + n, true);
		drop_held(l);
		return n + 1;
	}
	memcpy(l->held + l->held_len, data, n);
	l->held_len += n;
	if (l->held_len > LOG_LINE_MAX) {
		size_t part = cut(o, l->held);
		record(o, l->held, part, false);
		l->held_len -= part;
		memmove(l->held, l->held + part, l->held_len);
	}
	return n;
}

void log_lines_feed(struct log_lines *l, struct log_out *o, const uint8_t *data, size_t len)
{
	const uint8_t *stop = data + len;
	while (data < stop) {
		size_t left = (size_t)(stop - data);
		if (l->held) {
			data += complete(l, o, data, left);
			continue;
		}
		size_t reach = left > LOG_LINE_MAX + 1 ? LOG_LINE_MAX + 1 : left;
		size_t line = bytes_line(data, reach);
		if (line < reach) {
			record(o, data, line, true);
			data += line + 1;
		} else if (reach > LOG_LINE_MAX) {
			size_t part = cut(o, data);
			record(o, data, part, false);
			data += part;
		} else {
			hold(l, o, data, left);
			return;
		}
	}
}

void log_lines_end(struct log_lines *l, struct log_out *o)
{
	if (l->held_len)
		record(o, l->held, l->held_len, false);
	drop_held(l);
}
