/* A growable byte buffer. Out of memory is sticky: after a failed growth every later append is a no-op and
 * `failed` stays set, so a caller builds a whole message and checks once. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *p;
	size_t len, cap;
	bool failed;
};

/* Makes room for `extra` more bytes; false (and failed) when memory is short. */
bool buf_reserve(struct buf *b, size_t extra);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_byte(struct buf *b, uint8_t c);
__attribute__((format(printf, 2, 3))) void buf_fmt(struct buf *b, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) void buf_vfmt(struct buf *b, const char *fmt, va_list ap);
/* Drops the first `n` bytes. */
void buf_shift(struct buf *b, size_t n);
/* The content as a C string owned by the buffer; "" when empty or failed. */
const char *buf_cstr(struct buf *b);
void buf_free(struct buf *b);
