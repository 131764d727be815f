#include "console.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "file.h"

static void close_watch(struct watch *w)
{
	if (!w->on)
		return;
	loop_unwatch(w);
	close(w->fd);
}

/* Takes the first descriptor of a message and closes any others. */
static int receive_fd(int sock)
{
	char name[4096];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * 4)];
	} control;
	struct iovec iov = {name, sizeof name};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int got = -1;
	ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? -2 : -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (got < 0)
				got = fd;
			else
				close(fd);
		}
	}
	return got;
}

static void on_message(struct watch *w, uint32_t events)
{
	(void)events;
	struct console *c = CONTAINER_OF(w, struct console, peer);
	int fd = receive_fd(w->fd);
	if (fd == -2)
		return;
	close_watch(w);
	if (fd < 0)
		return;
	c->master = fd;
	c->received(c);
}

static void on_accept(struct watch *w, uint32_t events)
{
	(void)events;
	struct console *c = CONTAINER_OF(w, struct console, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (c->peer.on || c->master >= 0 || loop_watch(&c->peer, fd, EPOLLIN, on_message))
		close(fd);
}

static char *make_dir(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *base[] = {runtime && strlen(runtime) < 64 ? runtime : "/run", "/run", "/tmp"};
	for (int i = 0; i < 3; i++) {
		char *dir = path_join(base[i], "gantry-pty-XXXXXX");
		if (dir && mkdtemp(dir))
			return dir;
		free(dir);
	}
	return NULL;
}

int console_open(struct console *c, void (*received)(struct console *))
{
	*c = (struct console){.master = -1, .received = received};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	c->dir = make_dir();
	c->path = c->dir ? path_join(c->dir, "s") : NULL;
	if (fd >= 0 && c->path && strlen(c->path) < sizeof a.sun_path) {
		strcpy(a.sun_path, c->path);
		if (!bind(fd, (struct sockaddr *)&a, sizeof a) && !listen(fd, 1) &&
		    !loop_watch(&c->listener, fd, EPOLLIN, on_accept))
			return 0;
	}
	int saved = errno;
	close_fd(&fd);
	console_close(c);
	errno = saved;
	return -1;
}

void console_close(struct console *c)
{
	close_watch(&c->listener);
	close_watch(&c->peer);
	close_fd(&c->master);
	if (c->path)
		unlink(c->path);
	if (c->dir)
		rmdir(c->dir);
	free(c->path);
	free(c->dir);
	c->path = c->dir = NULL;
}
