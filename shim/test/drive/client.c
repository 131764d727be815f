#include "client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int client_connect(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(name.sun_path, path, sizeof name.sun_path - 1);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&name, sizeof name))
		return fd;
	int saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

bool client_frame(int fd, struct ttrpc_parser *p)
{
	/* Byte by byte: nothing of the frame after it may be taken. */
	uint8_t byte;
	while (read(fd, &byte, 1) == 1) {
		const uint8_t *at = &byte;
		size_t left = 1;
		if (ttrpc_feed(p, &at, &left) == TTRPC_FRAME)
			return true;
	}
	return false;
}

bool client_call(int fd, const char *method, const struct buf *request, struct buf *answer, struct buf *error)
{
	static uint32_t stream = 1;
	struct buf out = {0};
	struct ttrpc_parser in = {0};
	uint32_t code = RPC_OK;
	const uint8_t *text = NULL;
	size_t len = 0;
	ttrpc_put_request(&out, stream, "containerd.task.v2.Task", method, request, 0, "containerd-namespace-ttrpc",
			  CLIENT_NAMESPACE);
	stream += 2;
	bool ok = write(fd, out.p, out.len) == (ssize_t)out.len && client_frame(fd, &in) &&
		  ttrpc_decode_response(in.body.p, in.body.len, &code, &text, &len);
	if (!ok)
		buf_fmt(error, "connection lost");
	else if (code)
		buf_fmt(error, "code %u: %.*s", code, (int)len, (const char *)text);
	answer->len = 0;
	struct pb r = pb_over(in.body.p, in.body.len);
	while (ok && pb_next(&r))
		if (pb_is(&r, 2, PB_BYTES))
			buf_add(answer, r.data, r.len);
	buf_free(&out);
	buf_free(&in.body);
	return ok && !code;
}
