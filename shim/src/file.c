#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_fd(int fd, size_t max, struct buf *out)
{
	for (;;) {
		if (!buf_reserve(out, 4096)) {
			errno = ENOMEM;
			return -1;
		}
		ssize_t n = read(fd, out->p + out->len, out->cap - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		out->len += (size_t)n;
		if (out->len > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

int file_read(const char *path, size_t max, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int r = file_read_fd(fd, max, out), saved = errno;
	close(fd);
	errno = saved;
	return r;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_new(const char *path, mode_t mode, const void *data, size_t len, bool sync)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -1;
	int r = write_all(fd, data, len);
	if (!r && sync)
		r = fsync(fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return r;
}

int file_write(const char *path, mode_t mode, const void *data, size_t len)
{
	return write_new(path, mode, data, len, false);
}

int file_replace(const char *path, mode_t mode, const void *data, size_t len)
{
	struct buf tmp = {0};
	buf_fmt(&tmp, "%s.tmp", path);
	int r = tmp.failed ? -1 : write_new(buf_cstr(&tmp), mode, data, len, true);
	if (!r)
		r = rename(buf_cstr(&tmp), path);
	int saved = errno;
	if (r && tmp.p)
		unlink(buf_cstr(&tmp));
	buf_free(&tmp);
	errno = saved;
	return r;
}

pid_t file_pid(const char *path)
{
	struct buf b = {0};
	long v = 0;
	if (!file_read(path, 64, &b))
		v = strtol(buf_cstr(&b), NULL, 10);
	buf_free(&b);
	return v > 0 && v <= 0x7fffffff ? (pid_t)v : 0;
}

char *path_join(const char *dir, const char *name)
{
	struct buf b = {0};
	buf_fmt(&b, "%s/%s", dir, name);
	if (b.failed) {
		buf_free(&b);
		return NULL;
	}
	buf_cstr(&b);
	return (char *)b.p;
}

int make_parents(const char *path, mode_t mode)
{
	char *copy = strdup(path);
	int r = copy ? 0 : -1;
	for (char *p = copy ? strchr(copy + 1, '/') : NULL; p && !r; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(copy, mode) && errno != EEXIST)
			r = -1;
		*p = '/';
	}
	int saved = errno;
	free(copy);
	errno = saved;
	return r;
}

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
