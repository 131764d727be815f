/*
 * The latest output of a process as frames of the attach protocol (see attach.h), a bounded number of bytes. Readers
 * have positions of their own, counted in bytes since the beginning; the oldest frames go when room is needed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_SIZE = 64 << 10, RING_HEADER = 8, RING_PIECE = 4096 };

/* Zeroed at first. `first` is where the oldest frame begins, `end` where the next will. */
struct ring {
	uint8_t *p; /* RING_SIZE bytes, once there was output */
	uint64_t first, end;
};

/* Bytes of payload of the frame that begins at `at`. */
size_t ring_payload(const struct ring *r, uint64_t at);
/* True when a frame with `len` (at most RING_PIECE) bytes fits without dropping anything. */
bool ring_has_room(const struct ring *r, size_t len);
/* Drops the oldest frame. */
void ring_drop(struct ring *r);
/* Adds a frame for which there is room. False when memory is short. */
bool ring_add(struct ring *r, uint8_t type, const uint8_t *data, size_t len);
/* The bytes from position `at` on that lie in one piece: their number, and where they are in *out. */
size_t ring_peek(const struct ring *r, uint64_t at, const uint8_t **out);
void ring_free(struct ring *r);
