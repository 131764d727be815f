#include "ring.h"

#include <stdlib.h>
#include <string.h>

static uint8_t byte_at(const struct ring *r, uint64_t at)
{
	return r->p[at % RING_SIZE];
}

size_t ring_payload(const struct ring *r, uint64_t at)
{
	return (size_t)byte_at(r, at + 4) << 24 | (size_t)byte_at(r, at + 5) << 16 | (size_t)byte_at(r, at + 6) << 8 |
	       byte_at(r, at + 7);
}

bool ring_has_room(const struct ring *r, size_t len)
{
	return r->end - r->first + RING_HEADER + len <= RING_SIZE;
}

void ring_drop(struct ring *r)
{
	if (r->first != r->end)
		r->first += RING_HEADER + ring_payload(r, r->first);
}

static void append(struct ring *r, const uint8_t *data, size_t len)
{
	size_t at = r->end % RING_SIZE, head = RING_SIZE - at < len ? RING_SIZE - at : len;
	memcpy(r->p + at, data, head);
	memcpy(r->p, data + head, len - head);
	r->end += len;
}

bool ring_add(struct ring *r, uint8_t type, const uint8_t *data, size_t len)
{
	uint8_t header[RING_HEADER] = {type, 0, 0, 0, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
				       (uint8_t)len};
	if (!r->p && !(r->p = malloc(RING_SIZE)))
		return false;
	append(r, header, sizeof header);
	append(r, data, len);
	return true;
}

size_t ring_peek(const struct ring *r, uint64_t at, const uint8_t **out)
{
	size_t from = at % RING_SIZE, left = (size_t)(r->end - at);
	*out = r->p + from;
	return left < RING_SIZE - from ? left : RING_SIZE - from;
}

void ring_free(struct ring *r)
{
	free(r->p);
	*r = (struct ring){0};
}
