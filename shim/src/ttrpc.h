/* ttrpc framing and its two envelope messages; pure data, no I/O. */
#pragma once
#include "buf.h"

enum { TTRPC_HEADER = 10, TTRPC_DATA_MAX = 4 << 20 };
enum { TTRPC_REQUEST = 1, TTRPC_RESPONSE = 2, TTRPC_DATA = 3 };
enum { TTRPC_REMOTE_CLOSED = 1, TTRPC_REMOTE_OPEN = 2, TTRPC_NO_DATA = 4 };

/* gRPC status codes used on this wire. */
enum rpc_code {
	RPC_OK = 0,
	RPC_CANCELED = 1,
	RPC_UNKNOWN = 2,
	RPC_INVALID_ARGUMENT = 3,
	RPC_DEADLINE_EXCEEDED = 4,
	RPC_NOT_FOUND = 5,
	RPC_ALREADY_EXISTS = 6,
	RPC_RESOURCE_EXHAUSTED = 8,
	RPC_FAILED_PRECONDITION = 9,
	RPC_UNIMPLEMENTED = 12,
	RPC_INTERNAL = 13,
	RPC_UNAVAILABLE = 14
};

struct ttrpc_header {
	uint32_t len, stream;
	uint8_t type, flags;
};

/* Reassembles frames from a byte stream. Zero-initialise; free `body` when done. */
struct ttrpc_parser {
	uint8_t head[TTRPC_HEADER];
	unsigned head_len;
	struct ttrpc_header h; /* of the frame just completed */
	struct buf body;       /* its data; a caller may take it over by zeroing the field */
	uint32_t discard;      /* bytes of an oversized frame still to be dropped */
};

enum ttrpc_event { TTRPC_MORE, TTRPC_FRAME, TTRPC_OVERSIZED, TTRPC_NO_MEMORY };

/* Consumes bytes from *data (moving *data and *len on) until a frame is whole or the bytes are used up. */
enum ttrpc_event ttrpc_feed(struct ttrpc_parser *p, const uint8_t **data, size_t *len);

struct ttrpc_request {
	const uint8_t *service, *method, *payload;
	size_t service_len, method_len, payload_len;
	int64_t timeout_ns; /* 0: none */
};

bool ttrpc_decode_request(const uint8_t *data, size_t len, struct ttrpc_request *out);
/* Decodes a response's status; message points into data. */
bool ttrpc_decode_response(const uint8_t *data, size_t len, uint32_t *code, const uint8_t **msg, size_t *msg_len);
/* Appends one response frame. A non-zero code is sent with message and no payload. */
void ttrpc_put_response(struct buf *out, uint32_t stream, enum rpc_code code, const char *message,
			const struct buf *payload);
/* Appends one unary request frame; timeout_ns 0 means none. */
void ttrpc_put_request(struct buf *out, uint32_t stream, const char *service, const char *method,
		       const struct buf *payload, int64_t timeout_ns, const char *meta_key, const char *meta_value);
