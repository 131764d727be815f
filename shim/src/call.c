#include <stdarg.h>
#include <stdlib.h>

#include "conn.h"

struct pb call_fields(const struct call *c)
{
	return pb_over(c->payload, c->payload_len);
}

static void end(struct call *c, enum rpc_code code, const char *message, const struct buf *payload)
{
	loop_untimer(&c->timer);
	if (c->conn) {
		conn_send(c->conn, c->stream, code, message, payload);
		conn_forget(c->conn, c);
	}
	buf_free(&c->body);
	free(c);
}

void call_reply(struct call *c, struct buf *payload)
{
	if (payload && payload->failed)
		end(c, RPC_RESOURCE_EXHAUSTED, "out of memory", NULL);
	else
		end(c, RPC_OK, NULL, payload);
	if (payload)
		buf_free(payload);
}

void call_error(struct call *c, enum rpc_code code, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	end(c, code, buf_cstr(&text), NULL);
	buf_free(&text);
}

uint64_t call_left_ms(const struct call *c, uint64_t cap_ms)
{
	if (!c->deadline_ms)
		return cap_ms;
	uint64_t now = now_ms();
	uint64_t left = c->deadline_ms > now ? c->deadline_ms - now : 1;
	return left < cap_ms ? left : cap_ms;
}

void call_again(struct call *c)
{
	c->gone = NULL;
	c->owner = NULL;
	c->queued = NULL;
	loop_untimer(&c->timer);
	c->handler(c);
}
