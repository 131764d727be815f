#include "ttrpc.h"

#include <string.h>

#include "pb.h"

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void start_frame(struct ttrpc_parser *p)
{
	p->h = (struct ttrpc_header){be32(p->head), be32(p->head + 4), p->head[8], p->head[9]};
	p->body.len = 0;
	if (p->h.len > TTRPC_DATA_MAX)
		p->discard = p->h.len;
}

static enum ttrpc_event end_frame(struct ttrpc_parser *p, enum ttrpc_event e)
{
	p->head_len = 0;
	return e;
}

enum ttrpc_event ttrpc_feed(struct ttrpc_parser *p, const uint8_t **data, size_t *len)
{
	for (;;) {
		if (p->head_len < TTRPC_HEADER) {
			size_t n = min_size(TTRPC_HEADER - p->head_len, *len);
			memcpy(p->head + p->head_len, *data, n);
			p->head_len += (unsigned)n;
			*data += n;
			*len -= n;
			if (p->head_len < TTRPC_HEADER)
				return TTRPC_MORE;
			start_frame(p);
		}
		if (p->h.len > TTRPC_DATA_MAX) {
			size_t n = min_size(p->discard, *len);
			p->discard -= (uint32_t)n;
			*data += n;
			*len -= n;
			return p->discard ? TTRPC_MORE : end_frame(p, TTRPC_OVERSIZED);
		}
		size_t n = min_size(p->h.len - p->body.len, *len);
		buf_add(&p->body, *data, n);
		if (p->body.failed)
			return TTRPC_NO_MEMORY;
		*data += n;
		*len -= n;
		return p->body.len < p->h.len ? TTRPC_MORE : end_frame(p, TTRPC_FRAME);
	}
}

bool ttrpc_decode_request(const uint8_t *data, size_t len, struct ttrpc_request *out)
{
	struct pb r = pb_over(data, len);
	*out = (struct ttrpc_request){0};
	while (pb_next(&r)) {
		if (pb_is(&r, 1, PB_BYTES))
			out->service = r.data, out->service_len = r.len;
		else if (pb_is(&r, 2, PB_BYTES))
			out->method = r.data, out->method_len = r.len;
		else if (pb_is(&r, 3, PB_BYTES))
			out->payload = r.data, out->payload_len = r.len;
		else if (pb_is(&r, 4, PB_VARINT))
			out->timeout_ns = (int64_t)r.num;
	}
	return !r.bad;
}

bool ttrpc_decode_response(const uint8_t *data, size_t len, uint32_t *code, const uint8_t **msg, size_t *msg_len)
{
	struct pb r = pb_over(data, len);
	*code = 0;
	*msg = NULL;
	*msg_len = 0;
	while (pb_next(&r)) {
		if (!pb_is(&r, 1, PB_BYTES))
			continue;
		struct pb s = pb_over(r.data, r.len);
		while (pb_next(&s)) {
			if (pb_is(&s, 1, PB_VARINT))
				*code = (uint32_t)s.num;
			else if (pb_is(&s, 2, PB_BYTES))
				*msg = s.data, *msg_len = s.len;
		}
		if (s.bad)
			return false;
	}
	return !r.bad;
}

static void put_frame(struct buf *out, uint32_t stream, uint8_t type, const struct buf *body)
{
	uint32_t n = (uint32_t)body->len;
	uint8_t h[TTRPC_HEADER] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n,
				   (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
				   (uint8_t)stream, type, 0};
	out->failed |= body->failed;
	buf_add(out, h, sizeof h);
	buf_add(out, body->p, body->len);
}

void ttrpc_put_response(struct buf *out, uint32_t stream, enum rpc_code code, const char *message,
			const struct buf *payload)
{
	struct buf body = {0};
	size_t payload_len = payload ? payload->len : 0;
	if (!code && payload_len + 16 > TTRPC_DATA_MAX) {
		code = RPC_RESOURCE_EXHAUSTED;
		message = "response exceeds the maximum message size";
	}
	if (code) {
		struct buf status = {0};
		pb_uint(&status, 1, code);
		pb_str(&status, 2, message);
		pb_message(&body, 1, &status);
		buf_free(&status);
	} else if (payload_len) {
		pb_bytes(&body, 2, payload->p, payload_len);
	}
	put_frame(out, stream, TTRPC_RESPONSE, &body);
	buf_free(&body);
}

void ttrpc_put_request(struct buf *out, uint32_t stream, const char *service, const char *method,
		       const struct buf *payload, int64_t timeout_ns, const char *meta_key, const char *meta_value)
{
	struct buf body = {0}, kv = {0};
	pb_str(&body, 1, service);
	pb_str(&body, 2, method);
	pb_bytes(&body, 3, payload->p, payload->len);
	pb_uint(&body, 4, (uint64_t)timeout_ns);
	pb_str(&kv, 1, meta_key);
	pb_str(&kv, 2, meta_value);
	pb_message(&body, 5, &kv);
	put_frame(out, stream, TTRPC_REQUEST, &body);
	buf_free(&kv);
	buf_free(&body);
}
