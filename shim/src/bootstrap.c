#include "bootstrap.h"

#include <stdlib.h>
#include <string.h>

#include "pb.h"

static bool same(const struct pb *r, const char *s)
{
	return strlen(s) == r->len && !memcmp(s, r->data, r->len);
}

static bool is_params(const uint8_t *in, size_t len, const char *id, const char *ns)
{
	struct pb r = pb_over(in, len);
	bool id_ok = false, ns_ok = false;
	while (pb_next(&r)) {
		if (pb_is(&r, 1, PB_BYTES))
			id_ok = same(&r, id);
		else if (pb_is(&r, 2, PB_BYTES))
			ns_ok = same(&r, ns);
	}
	return !r.bad && id_ok && ns_ok;
}

static void take(char **at, const struct pb *r)
{
	free(*at);
	*at = r->len ? pb_strdup(r) : NULL;
}

/* An Extension holds one Any in field 1. */
static void take_extension(struct bootstrap *b, const struct pb *ext)
{
	struct pb r = pb_over(ext->data, ext->len);
	struct options o;
	while (pb_next(&r)) {
		if (!pb_is(&r, 1, PB_BYTES))
			continue;
		if (options_from_any(&o, r.data, r.len)) {
			options_free(&b->options);
			b->options = o;
		} else {
			options_free(&o);
		}
	}
}

static void parse_params(struct bootstrap *b, const uint8_t *in, size_t len)
{
	struct pb r = pb_over(in, len);
	b->params = true;
	while (pb_next(&r)) {
		if (pb_is(&r, 3, PB_VARINT))
			b->debug = (int64_t)r.num <= -4; /* LOG_LEVEL_DEBUG and below */
		else if (pb_is(&r, 5, PB_BYTES))
			take(&b->ttrpc_address, &r);
		else if (pb_is(&r, 6, PB_BYTES))
			take(&b->grpc_address, &r);
		else if (pb_is(&r, 8, PB_BYTES))
			take_extension(b, &r);
		else if (pb_is(&r, 9, PB_BYTES))
			take(&b->socket_dir, &r);
	}
}

void bootstrap_parse(struct bootstrap *b, const uint8_t *in, size_t len, const char *id, const char *ns)
{
	*b = (struct bootstrap){0};
	if (is_params(in, len, id, ns))
		parse_params(b, in, len);
	else if (len && !options_from_any(&b->options, in, len))
		options_free(&b->options);
}

void bootstrap_answer(const struct bootstrap *b, const char *address, struct buf *out)
{
	if (b->params) {
		pb_uint(out, 1, 3);
		pb_str(out, 2, address);
		pb_str(out, 3, "ttrpc");
	} else {
		buf_str(out, address);
	}
}

void bootstrap_free(struct bootstrap *b)
{
	free(b->grpc_address);
	free(b->ttrpc_address);
	free(b->socket_dir);
	options_free(&b->options);
}
