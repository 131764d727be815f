/* Protobuf wire format, the part this program needs: a cursor that walks the fields of one message and a writer
 * that appends fields to a buffer. No recursion: a nested message is walked by a second cursor over its bytes.
 * Every length is checked against what is left; a malformed message ends the walk with `bad` set. */
#pragma once
#include "buf.h"

enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

struct pb {
	const uint8_t *p, *end;
	bool bad;
	/* the field pb_next stopped at */
	uint32_t field;
	enum pb_wire wire;
	uint64_t num;        /* PB_VARINT, PB_FIXED64, PB_FIXED32 */
	const uint8_t *data; /* PB_BYTES */
	size_t len;
};

struct pb pb_over(const void *data, size_t len);
/* Moves to the next field; false at the end or when the message is malformed (see `bad`). */
bool pb_next(struct pb *r);
/* True when the current field is number `field` with wire type `wire`. */
bool pb_is(const struct pb *r, uint32_t field, enum pb_wire wire);
/* A copy of the current bytes field as a C string; NULL when memory is short or the bytes hold a NUL. */
char *pb_strdup(const struct pb *r);
/*
 * Takes a google.protobuf.Any apart that is to hold message `name`: *value is put over that message, or over nothing
 * when the Any is empty or untyped. False when it is malformed or holds another message.
 */
bool pb_any_value(const void *any, size_t len, const char *name, struct pb *value);

/* Writers follow proto3: a zero number or an empty string is not written, except by pb_message. */
void pb_uint(struct buf *b, uint32_t field, uint64_t value);
void pb_double(struct buf *b, uint32_t field, double value);
void pb_bytes(struct buf *b, uint32_t field, const void *data, size_t len);
void pb_str(struct buf *b, uint32_t field, const char *s);
/* A nested message, written even when empty. */
void pb_message(struct buf *b, uint32_t field, const struct buf *sub);
/* google.protobuf.Any with a bare type name. */
void pb_any(struct buf *b, uint32_t field, const char *type_url, const struct buf *value);
/* google.protobuf.Timestamp. */
void pb_time(struct buf *b, uint32_t field, int64_t sec, int32_t nsec);
