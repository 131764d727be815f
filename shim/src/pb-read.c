#include <stdlib.h>
#include <string.h>

#include "pb.h"

struct pb pb_over(const void *data, size_t len)
{
	static const uint8_t none[1];
	const uint8_t *p = data ? data : none;
	return (struct pb){.p = p, .end = p + (data ? len : 0)};
}

static bool read_varint(struct pb *r, uint64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (r->p == r->end)
			return false;
		uint8_t c = *r->p++;
		if (shift == 63 && c > 1)
			return false;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*out = v;
			return true;
		}
	}
	return false;
}

static bool read_fixed(struct pb *r, unsigned width)
{
	if ((size_t)(r->end - r->p) < width)
		return false;
	r->num = 0;
	for (unsigned i = 0; i < width; i++)
		r->num |= (uint64_t)r->p[i] << (8 * i);
	r->p += width;
	return true;
}

static bool read_bytes(struct pb *r)
{
	uint64_t n;
	if (!read_varint(r, &n) || n > (uint64_t)(r->end - r->p))
		return false;
	r->data = r->p;
	r->len = (size_t)n;
	r->p += n;
	return true;
}

static bool read_value(struct pb *r, unsigned wire)
{
	switch (wire) {
	case PB_VARINT:
		return read_varint(r, &r->num);
	case PB_FIXED64:
		return read_fixed(r, 8);
	case PB_BYTES:
		return read_bytes(r);
	case PB_FIXED32:
		return read_fixed(r, 4);
	default: /* groups are gone from proto3 and nothing here sends them */
		return false;
	}
}

bool pb_next(struct pb *r)
{
	uint64_t key;
	if (r->bad || r->p == r->end)
		return false;
	if (!read_varint(r, &key) || key >> 3 == 0 || key >> 3 > 0x1fffffff || !read_value(r, key & 7)) {
		r->bad = true;
		return false;
	}
	r->field = (uint32_t)(key >> 3);
	r->wire = (enum pb_wire)(key & 7);
	return true;
}

bool pb_is(const struct pb *r, uint32_t field, enum pb_wire wire)
{
	return r->field == field && r->wire == wire;
}

char *pb_strdup(const struct pb *r)
{
	if (memchr(r->data, 0, r->len))
		return NULL;
	char *s = malloc(r->len + 1);
	if (!s)
		return NULL;
	memcpy(s, r->data, r->len);
	s[r->len] = 0;
	return s;
}

/* The message name is what follows the last slash of a type URL. */
static bool names(const struct pb *url, const char *name)
{
	size_t n = strlen(name);
	return url->len >= n && !memcmp(url->data + url->len - n, name, n) &&
	       (url->len == n || url->data[url->len - n - 1] == '/');
}

bool pb_any_value(const void *any, size_t len, const char *name, struct pb *value)
{
	struct pb a = pb_over(any, len);
	bool typed = false, ours = false;
	*value = pb_over(NULL, 0);
	while (pb_next(&a)) {
		if (pb_is(&a, 1, PB_BYTES))
			typed = true, ours = names(&a, name);
		else if (pb_is(&a, 2, PB_BYTES))
			*value = pb_over(a.data, a.len);
	}
	if (a.bad || (typed && !ours && value->p != value->end))
		return false;
	if (!ours)
		*value = pb_over(NULL, 0);
	return true;
}
