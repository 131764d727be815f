/* Bytes from a client: frames in pieces of varying size, then the envelopes in them. */
#include <stddef.h>
#include <stdint.h>

#include "ttrpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ttrpc_parser p = {0};
	size_t step = size ? data[0] % 17 + 1 : 1;
	for (size_t at = 0; at < size; at += step) {
		const uint8_t *d = data + at;
		size_t left = size - at < step ? size - at : step;
		enum ttrpc_event e;
		while ((e = ttrpc_feed(&p, &d, &left)) != TTRPC_MORE && e != TTRPC_NO_MEMORY) {
			struct ttrpc_request r;
			uint32_t code;
			const uint8_t *msg;
			size_t len;
			if (e == TTRPC_FRAME) {
				ttrpc_decode_request(p.body.p, p.body.len, &r);
				ttrpc_decode_response(p.body.p, p.body.len, &code, &msg, &len);
			}
		}
	}
	buf_free(&p.body);
	return 0;
}
