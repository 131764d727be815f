#include "address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "file.h"
#include "sha256.h"

/* filepath.Join of containerd: no empty parts, no doubled slashes. Dots inside are names here, never path steps. */
static void join_clean(struct buf *out, const char *part)
{
	while (*part) {
		size_t n = strcspn(part, "/");
		if (n && !(n == 1 && *part == '.')) {
			if (out->len && out->p[out->len - 1] != '/')
				buf_byte(out, '/');
			buf_add(out, part, n);
		} else if (!n && !out->len) {
			buf_byte(out, '/');
		}
		part += n + (part[n] == '/');
	}
}

char *address_path(const char *dir, const char *grpc_address, const char *ns, const char *group)
{
	char hex[65];
	struct buf key = {0};
	join_clean(&key, grpc_address);
	join_clean(&key, ns);
	join_clean(&key, group);
	if (key.failed) {
		buf_free(&key);
		return NULL;
	}
	sha256_hex(key.p, key.len, hex);
	buf_free(&key);
	return path_join(dir, hex);
}

const char *address_strip(const char *address)
{
	return strncmp(address, "unix://", 7) ? address : address + 7;
}

static bool fill(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof a->sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(a->sun_path, path);
	return true;
}

bool address_live(const char *path)
{
	struct sockaddr_un a;
	if (!fill(&a, path))
		return false;
	/* Non-blocking: a full backlog (EAGAIN) is a sign of life too. */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool live = fd >= 0 && (!connect(fd, (struct sockaddr *)&a, sizeof a) || errno == EAGAIN);
	close_fd(&fd);
	return live;
}

static int bind_new(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* The mask makes the socket 0600 from its first moment. */
	mode_t old = umask(0177);
	int r = bind(fd, (const struct sockaddr *)a, sizeof *a);
	int saved = errno;
	umask(old);
	if (!r && !listen(fd, 128))
		return fd;
	if (!r)
		saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
}

/*
 * A socket that is bound but not yet listening looks dead, so whoever makes one, or removes a dead one, holds the
 * directory's lock. Closing the descriptor ends it.
 */
static int lock_parent(const char *path)
{
	char *dir = parent_of(path);
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0 && flock(fd, LOCK_EX))
		close_fd(&fd);
	free(dir);
	return fd;
}

int address_listen(const char *path)
{
	struct sockaddr_un a;
	if (!fill(&a, path))
		return -1;
	char *dir = parent_of(path);
	if (!dir)
		return -1;
	mode_t old = umask(077);
	int made = make_parents(path, 0711);
	umask(old);
	if (!made)
		made = chmod(dir, 0700);
	free(dir);
	if (made)
		return -1;
	int lock = lock_parent(path), fd = lock < 0 ? -1 : bind_new(&a);
	if (lock >= 0 && fd < 0 && errno == EADDRINUSE && !address_live(path) && (!unlink(path) || errno == ENOENT))
		fd = bind_new(&a);
	int saved = errno;
	close_fd(&lock);
	errno = saved;
	return fd;
}

void address_remove_dead(const char *path)
{
	int lock = lock_parent(path);
	if (lock >= 0 && !address_live(path))
		unlink(path);
	close_fd(&lock);
}
