#include "check.h"
#include "pb.h"
#include "ttrpc.h"

static void frames_survive_any_split(void)
{
	struct buf wire = {0}, payload = {0};
	pb_str(&payload, 1, "hello");
	ttrpc_put_request(&wire, 1, "svc", "Do", &payload, 5, "k", "v");
	ttrpc_put_response(&wire, 3, RPC_NOT_FOUND, "gone", NULL);
	for (size_t step = 1; step <= wire.len; step++) {
		struct ttrpc_parser p = {0};
		int frames = 0;
		for (size_t at = 0; at < wire.len; at += step) {
			const uint8_t *d = wire.p + at;
			size_t left = wire.len - at < step ? wire.len - at : step;
			while (ttrpc_feed(&p, &d, &left) == TTRPC_FRAME) {
				struct ttrpc_request r;
				uint32_t code;
				const uint8_t *msg;
				size_t len;
				if (++frames == 1)
					CHECK(p.h.type == TTRPC_REQUEST && p.h.stream == 1 &&
					      ttrpc_decode_request(p.body.p, p.body.len, &r) && r.timeout_ns == 5 &&
					      r.method_len == 2 && r.payload_len == payload.len);
				else
					CHECK(p.h.type == TTRPC_RESPONSE && p.h.stream == 3 &&
					      ttrpc_decode_response(p.body.p, p.body.len, &code, &msg, &len) &&
					      code == RPC_NOT_FOUND && len == 4);
			}
		}
		CHECK(frames == 2);
		buf_free(&p.body);
	}
	buf_free(&wire);
	buf_free(&payload);
}

static void oversized_frames_are_skipped(void)
{
	struct ttrpc_parser p = {0};
	uint8_t head[10] = {0, 0x40, 0, 1, 0, 0, 0, 7, 1, 0}, block[4096] = {0}, empty[10] = {0, 0, 0, 0, 0, 0, 0, 9, 3, 4};
	const uint8_t *d = head;
	size_t left = sizeof head, sent = 0, size = (4 << 20) + 1;
	enum ttrpc_event e = ttrpc_feed(&p, &d, &left);
	CHECK(e == TTRPC_MORE);
	while (e == TTRPC_MORE && sent < size) {
		d = block;
		left = size - sent < sizeof block ? size - sent : sizeof block;
		sent += left;
		e = ttrpc_feed(&p, &d, &left);
	}
	CHECK(e == TTRPC_OVERSIZED && sent == size && p.h.stream == 7 && p.body.cap == 0);
	d = empty;
	left = sizeof empty;
	CHECK(ttrpc_feed(&p, &d, &left) == TTRPC_FRAME && p.h.stream == 9 && p.h.len == 0);
	buf_free(&p.body);
}

void test_ttrpc(void)
{
	struct ttrpc_request r;
	uint32_t code;
	const uint8_t *msg;
	size_t len;
	frames_survive_any_split();
	oversized_frames_are_skipped();
	CHECK(!ttrpc_decode_request((const uint8_t *)"\x0a\x7f", 2, &r));
	CHECK(!ttrpc_decode_response((const uint8_t *)"\x0a\x02\x08\xff", 4, &code, &msg, &len));
	CHECK(ttrpc_decode_response(NULL, 0, &code, &msg, &len) && code == 0);
}
