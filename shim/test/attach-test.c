#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "attach.h"
#include "check.h"
#include "file.h"

static char *dir, *path;
static struct timer guard;
static int closed_input;

static void on_guard(struct timer *t)
{
	(void)t;
	loop_stop();
}

static void turn(void)
{
	loop_timer(&guard, 5, on_guard);
	loop_run();
}

static int dial(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	strcpy(a.sun_path, path);
	CHECK(!connect(fd, (struct sockaddr *)&a, sizeof a));
	turn();
	return fd;
}

static void say(int fd, uint8_t type, const void *data, size_t len)
{
	uint8_t header[8] = {type, 0, 0, 0, 0, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
	CHECK(write(fd, header, 8) == 8);
	CHECK(!len || write(fd, data, len) == (ssize_t)len);
	turn();
}

/* The next frame: its type, its content in text; -1: nothing there, -2: end of file. */
static int hear(int fd, struct buf *text)
{
	uint8_t header[8];
	text->len = 0;
	ssize_t n = recv(fd, header, 8, MSG_WAITALL);
	if (n <= 0)
		return n ? -1 : -2;
	CHECK(n == 8);
	size_t len = (size_t)header[5] << 16 | (size_t)header[6] << 8 | header[7];
	buf_reserve(text, len + 1);
	while (text->len < len) {
		n = recv(fd, text->p + text->len, len - text->len, 0);
		if (n <= 0) {
			turn();
			continue;
		}
		text->len += (size_t)n;
	}
	return header[0];
}

static void close_input(struct attach *a)
{
	closed_input++;
	close_fd(a->in_fd);
}

static void many_see_the_same(void)
{
	struct attach a = {0};
	struct buf t = {0};
	struct stat st;
	CHECK(!attach_open(&a, path));
	CHECK(!stat(path, &st) && (st.st_mode & 0777) == 0600);
	CHECK(!stat(dir, &st) && (st.st_mode & 0777) == 0700);
	attach_output(&a, ATTACH_STDOUT, (const uint8_t *)"before", 6);
	int one = dial(), two = dial();
	CHECK(hear(one, &t) == 0 && t.len == 2 && t.p[0] == ATTACH_VERSION && t.p[1] == 0);
	CHECK(hear(two, &t) == 0);
	say(one, 0, "\1\1", 2);
	say(two, 0, "\1\0", 2);
	attach_output(&a, ATTACH_STDERR, (const uint8_t *)"now", 3);
	CHECK(hear(one, &t) == 1 && !strcmp(buf_cstr(&t), "before"));
	CHECK(hear(one, &t) == 2 && !strcmp(buf_cstr(&t), "now"));
	CHECK(hear(two, &t) == 2 && !strcmp(buf_cstr(&t), "now") && hear(two, &t) == -1);
	close(two);
	turn();
	CHECK(a.nclients == 1);
	attach_end(&a);
	CHECK(hear(one, &t) == 4 && hear(one, &t) == -2);
	CHECK(a.nclients == 0);
	/* Who comes after the end still sees what there was. */
	int late = dial();
	say(late, 0, "\1\1", 2);
	CHECK(hear(late, &t) == 0 && hear(late, &t) == 1 && hear(late, &t) == 2 && hear(late, &t) == 4);
	close(one);
	close(late);
	attach_close(&a);
	CHECK(access(path, F_OK));
	buf_free(&t);
}

/* A reader that does not read holds nobody up; it gets whole frames and learns how much it missed. */
static void slow_reader(void)
{
	static uint8_t data[100000];
	struct attach a = {0};
	struct buf t = {0};
	memset(data, 'y', sizeof data);
	CHECK(!attach_open(&a, path));
	int fd = dial();
	say(fd, 0, "\1\0", 2);
	CHECK(hear(fd, &t) == 0);
	uint64_t sent = 0, got = 0, skipped = 0;
	for (int i = 0; i < 50; i++, sent += sizeof data)
		attach_output(&a, ATTACH_STDOUT, data, sizeof data);
	CHECK(a.nclients == 1);
	for (int idle = 0; idle < 5;) {
		int type = hear(fd, &t);
		idle = type < 0 ? idle + 1 : 0;
		if (type == 1) {
			got += t.len;
		} else if (type == 3) {
			for (int i = 0; i < 8; i++)
				skipped = (i ? skipped : 0) << 8 | t.p[i];
			got += skipped;
		} else if (type < 0) {
			turn();
		}
	}
	CHECK(skipped && got == sent);
	close(fd);
	attach_close(&a);
	buf_free(&t);
}

/* Two writers, a process that does not read for a while, and an end of input that comes after all of it. */
static void input_waits(void)
{
	static uint8_t data[ATTACH_FRAME_MAX];
	int in[2];
	struct buf t = {0};
	CHECK(!pipe2(in, O_NONBLOCK | O_CLOEXEC));
	struct attach a = {.in_fd = &in[1], .has_input = true, .close_input = close_input};
	CHECK(!attach_open(&a, path));
	int one = dial(), two = dial();
	say(one, 0, "\1\0", 2);
	say(two, 0, "\1\0", 2);
	CHECK(hear(one, &t) == 0 && t.p[1] == 2);
	say(one, 1, data, sizeof data);
	for (int i = 0; i < 3; i++)
		say(two, 1, data, sizeof data);
	attach_end_input(&a);
	/* Gone before its input was used. */
	close(two);
	turn();
	CHECK(!closed_input);
	size_t got = 0;
	for (int idle = 0; idle < 5; idle++) {
		ssize_t n;
		while ((n = read(in[0], data, sizeof data)) > 0) {
			got += (size_t)n;
			idle = 0;
		}
		turn();
	}
	CHECK(got == 4 * sizeof data);
	CHECK(closed_input == 1 && in[1] == -1 && read(in[0], data, 1) == 0);
	/* Input after the end is dropped. */
	say(one, 1, "x", 1);
	CHECK(a.nclients == 1);
	close(one);
	close(in[0]);
	attach_close(&a);
	buf_free(&t);
}

static void refuses(const void *frame, size_t len, const char *why)
{
	struct attach a = {0};
	struct buf t = {0};
	CHECK(!attach_open(&a, path));
	int fd = dial();
	CHECK(hear(fd, &t) == 0);
	CHECK(write(fd, frame, len) == (ssize_t)len);
	turn();
	CHECK(hear(fd, &t) == 5 && strstr(buf_cstr(&t), why));
	CHECK(hear(fd, &t) < 0 && !a.nclients);
	close(fd);
	attach_close(&a);
	buf_free(&t);
}

static void only_so_many(void)
{
	struct attach a = {0};
	int fds[ATTACH_CLIENTS_MAX + 1];
	CHECK(!attach_open(&a, path));
	for (int i = 0; i <= ATTACH_CLIENTS_MAX; i++)
		fds[i] = dial();
	CHECK(a.nclients == ATTACH_CLIENTS_MAX);
	struct buf t = {0};
	CHECK(hear(fds[ATTACH_CLIENTS_MAX], &t) == -2 && hear(fds[0], &t) == 0);
	for (int i = 0; i <= ATTACH_CLIENTS_MAX; i++)
		close(fds[i]);
	turn();
	turn();
	CHECK(!a.nclients);
	attach_close(&a);
	buf_free(&t);
}

void test_attach(void)
{
	char name[] = "/tmp/gantry-att-XXXXXX";
	dir = mkdtemp(name);
	path = path_join(dir, "s");
	many_see_the_same();
	slow_reader();
	input_waits();
	refuses("\0\0\0\0\0\0\0\2\x09\0", 10, "version 9 is not supported");
	refuses("\1\0\0\0\0\0\0\1x", 9, "has to be a hello");
	refuses("\0\0\0\0\xff\xff\xff\xff", 8, "has to be a hello");
	only_so_many();
	CHECK(!rmdir(dir));
	free(path);
}
