#include <string.h>

#include "pb.h"

static void put_varint(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_byte(b, (uint8_t)(v | 0x80));
		v >>= 7;
	}
	buf_byte(b, (uint8_t)v);
}

static void put_key(struct buf *b, uint32_t field, enum pb_wire wire)
{
	put_varint(b, (uint64_t)field << 3 | wire);
}

void pb_uint(struct buf *b, uint32_t field, uint64_t value)
{
	if (!value)
		return;
	put_key(b, field, PB_VARINT);
	put_varint(b, value);
}

void pb_double(struct buf *b, uint32_t field, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	if (!bits)
		return;
	put_key(b, field, PB_FIXED64);
	for (unsigned i = 0; i < 8; i++)
		buf_byte(b, (uint8_t)(bits >> (8 * i)));
}

static void put_bytes(struct buf *b, uint32_t field, const void *data, size_t len)
{
	put_key(b, field, PB_BYTES);
	put_varint(b, len);
	buf_add(b, data, len);
}

void pb_bytes(struct buf *b, uint32_t field, const void *data, size_t len)
{
	if (len)
		put_bytes(b, field, data, len);
}

void pb_str(struct buf *b, uint32_t field, const char *s)
{
	if (s)
		pb_bytes(b, field, s, strlen(s));
}

void pb_message(struct buf *b, uint32_t field, const struct buf *sub)
{
	if (sub->failed)
		b->failed = true;
	put_bytes(b, field, sub->p, sub->len);
}

void pb_any(struct buf *b, uint32_t field, const char *type_url, const struct buf *value)
{
	struct buf any = {0};
	pb_str(&any, 1, type_url);
	pb_bytes(&any, 2, value->p, value->len);
	any.failed |= value->failed;
	pb_message(b, field, &any);
	buf_free(&any);
}

void pb_time(struct buf *b, uint32_t field, int64_t sec, int32_t nsec)
{
	struct buf t = {0};
	pb_uint(&t, 1, (uint64_t)sec);
	pb_uint(&t, 2, (uint64_t)nsec);
	pb_message(b, field, &t);
	buf_free(&t);
}
