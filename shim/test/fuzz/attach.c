/* What a client at the attach socket may send, in one piece and byte by byte. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach-client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct timer guard;

static void stop(struct timer *t)
{
	(void)t;
	loop_stop();
}

static void turn(void)
{
	loop_timer(&guard, 0, stop);
	loop_run();
}

static void close_input(struct attach *a)
{
	close(*a->in_fd);
	*a->in_fd = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	int pair[2], in = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct attach a = {.in_fd = &in, .has_input = true, .close_input = close_input};
	if (!ready && loop_init())
		return 0;
	ready = true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return 0;
	attach_client_new(&a, pair[0]);
	size_t step = size && *data & 1 ? 1 : size;
	for (size_t at = 0; at < size && at < 100 * step; at += step) {
		if (send(pair[1], data + at, step, MSG_NOSIGNAL) < 0)
			break;
		turn();
		attach_output(&a, ATTACH_STDOUT, data, size);
	}
	close(pair[1]);
	turn();
	attach_close(&a);
	if (in >= 0)
		close(in);
	return 0;
}
