/*
 * Searching and copying text sixteen bytes at a time: a log's lines are too short for calls of the C library to pay.
 * Nothing outside of `len` bytes is touched on either side.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BYTES_STEP = 16, BYTES_HALF = 8 };
typedef signed char bytes16 __attribute__((vector_size(BYTES_STEP)));

/* The first of sixteen bytes of a comparison that is set; BYTES_STEP when none is. */
static inline size_t bytes_first(bytes16 set)
{
	uint64_t half[2];
	memcpy(half, &set, sizeof half);
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		for (int i = 0; i < 2; i++)
			half[i] = __builtin_bswap64(half[i]);
	if (half[0])
		return (size_t)__builtin_ctzll(half[0]) / 8;
	return half[1] ? BYTES_HALF + (size_t)__builtin_ctzll(half[1]) / 8 : BYTES_STEP;
}

static inline bytes16 bytes_load(const uint8_t *p)
{
	bytes16 v;
	memcpy(&v, p, sizeof v);
	return v;
}

static inline void bytes_copy(uint8_t *to, const uint8_t *from, size_t len)
{
	if (len >= BYTES_STEP) {
		for (size_t at = 0; at + BYTES_STEP <= len; at += BYTES_STEP)
			memcpy(to + at, from + at, BYTES_STEP);
		memcpy(to + len - BYTES_STEP, from + len - BYTES_STEP, BYTES_STEP);
	} else if (len >= BYTES_HALF) {
		memcpy(to, from, BYTES_HALF);
		memcpy(to + len - BYTES_HALF, from + len - BYTES_HALF, BYTES_HALF);
	} else {
		for (size_t at = 0; at < len; at++)
			to[at] = from[at];
	}
}

/* What log_escape has to look at: control characters, quotes, backslashes, and all that is not ASCII. */
static inline bool byte_is_odd(uint8_t c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

/* How many bytes from p on are not odd. A signed comparison finds control characters and what is not ASCII at once. */
static inline size_t bytes_plain(const uint8_t *p, size_t len)
{
	size_t at = 0;
	for (; at + BYTES_STEP <= len; at += BYTES_STEP) {
		bytes16 v = bytes_load(p + at);
		size_t n = bytes_first((v < 0x20) | (v == '"') | (v == '\\'));
		if (n < BYTES_STEP)
			return at + n;
	}
	while (at < len && !byte_is_odd(p[at]))
		at++;
	return at;
}

/* The place of the first line end; `len` when there is none. */
static inline size_t bytes_line(const uint8_t *p, size_t len)
{
	size_t at = 0;
	for (; at + BYTES_STEP <= len; at += BYTES_STEP) {
		size_t n = bytes_first(bytes_load(p + at) == '\n');
		if (n < BYTES_STEP)
			return at + n;
	}
	while (at < len && p[at] != '\n')
		at++;
	return at;
}
