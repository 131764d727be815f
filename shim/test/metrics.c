#include "metrics.h"

#include <string.h>

enum { DEPTH_MAX = 4, FIELDS_MAX = 64 };

static const struct metrics_field *find(const struct metrics_field *message, uint32_t number)
{
	while (message->number && message->number != number)
		message++;
	return message->number ? message : NULL;
}

static void put_packed(struct buf *out, const uint8_t *data, size_t len)
{
	uint64_t value = 0;
	unsigned shift = 0;
	for (size_t i = 0; i < len; i++) {
		value |= (uint64_t)(data[i] & 0x7f) << shift;
		shift += 7;
		if (data[i] & 0x80)
			continue;
		buf_fmt(out, " %llu", (unsigned long long)value);
		value = shift = 0;
	}
}

static void put_scalar(struct buf *out, const struct metrics_field *f, const struct pb *r)
{
	double d;
	if (f->kind == F_NUMBER && r->wire == PB_VARINT) {
		buf_fmt(out, " %llu", (unsigned long long)r->num);
	} else if (f->kind == F_DOUBLE && r->wire == PB_FIXED64) {
		memcpy(&d, &r->num, sizeof d);
		buf_fmt(out, " %.2f", d);
	} else if (f->kind == F_TEXT && r->wire == PB_BYTES) {
		buf_fmt(out, " %.*s", (int)r->len, (const char *)r->data);
	} else if (f->kind == F_PACKED && r->wire == PB_BYTES) {
		put_packed(out, r->data, r->len);
	} else {
		buf_fmt(out, " ?");
	}
}

static void walk(struct buf *out, const struct metrics_field *message, struct pb *r, const char *prefix, unsigned depth);

static void put_message(struct buf *out, const struct metrics_field *f, const struct pb *r, const char *path,
			unsigned depth)
{
	struct buf prefix = {0};
	struct pb inner = pb_over(r->data, r->len);
	if (r->wire != PB_BYTES || depth == DEPTH_MAX) {
		buf_fmt(out, "%s ?\n", path);
	} else if (!r->len) {
		buf_fmt(out, "%s {}\n", path);
	} else {
		buf_fmt(&prefix, "%s.", path);
		walk(out, f->message, &inner, buf_cstr(&prefix), depth + 1);
	}
	buf_free(&prefix);
}

static void walk(struct buf *out, const struct metrics_field *message, struct pb *r, const char *prefix, unsigned depth)
{
	unsigned seen[FIELDS_MAX] = {0};
	while (pb_next(r)) {
		const struct metrics_field *f = find(message, r->field);
		struct buf path = {0};
		if (!f || r->field >= FIELDS_MAX) {
			buf_fmt(out, "%s%u ?\n", prefix, r->field);
			continue;
		}
		buf_fmt(&path, "%s%s", prefix, f->name);
		if (f->kind == F_MESSAGES)
			buf_fmt(&path, "[%u]", seen[r->field]);
		if (seen[r->field]++ && f->kind != F_MESSAGES)
			buf_str(&path, "?again");
		if (f->message) {
			put_message(out, f, r, buf_cstr(&path), depth);
		} else {
			buf_str(out, buf_cstr(&path));
			put_scalar(out, f, r);
			buf_byte(out, '\n');
		}
		buf_free(&path);
	}
	if (r->bad)
		buf_fmt(out, "%smalformed ?\n", prefix);
}

void metrics_text(struct buf *out, const struct metrics_field *message, const void *data, size_t len)
{
	struct pb r = pb_over(data, len);
	walk(out, message, &r, "", 0);
}
