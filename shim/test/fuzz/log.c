/*
 * The splitting of output into log records: the bytes after the first arrive in pieces that the first chooses, in every
 * format. Whatever they are, the records hold the same bytes, in order, and no line is longer than it may be.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log-lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[LOG_RECORD_MAX];

static void flush(struct log_out *o)
{
	buf_add(o->owner, o->p, o->len);
	o->len = 0;
}

static void split(enum log_format format, size_t step, const uint8_t *data, size_t size, struct buf *text)
{
	struct log_lines l = {0};
	struct log_out o = {.p = room, .cap = sizeof room, .flush = flush, .owner = text, .format = format, .stream = "stderr"};
	log_out_time(&o, (struct timespec){1700000000, 123456789});
	for (size_t at = 0; at < size; at += step)
		log_lines_feed(&l, &o, data + at, size - at < step ? size - at : step);
	log_lines_end(&l, &o);
	flush(&o);
	if (l.held)
		abort();
}

/* Puts the lines of CRI records together again. */
static void join(const struct buf *text, struct buf *out)
{
	for (size_t at = 0; at < text->len;) {
		const uint8_t *line = text->p + at, *end = memchr(line, '\n', text->len - at);
		size_t head = LOG_TIME_LEN + sizeof " stderr F " - 1, len = end ? (size_t)(end - line) : 0;
		if (len < head || len - head > LOG_LINE_MAX)
			abort();
		buf_add(out, line + head, len - head);
		if (line[head - 2] == 'F')
			buf_byte(out, '\n');
		at += len + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf cri = {0}, json = {0}, joined = {0};
	if (!size)
		return 0;
	size_t step = (size_t)*data * 97 + 1;
	split(LOG_CRI, step, data + 1, size - 1, &cri);
	split(LOG_JSON, step, data + 1, size - 1, &json);
	join(&cri, &joined);
	if (joined.len != size - 1 || (joined.len && memcmp(joined.p, data + 1, joined.len)))
		abort();
	for (size_t i = 0; i < json.len; i++)
		if (json.p[i] < 0x20 && json.p[i] != '\n')
			abort();
	buf_free(&cri);
	buf_free(&json);
	buf_free(&joined);
	return 0;
}
