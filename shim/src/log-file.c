#include "log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "log.h"

/* Containers' logs are for root and the group that reads logs; file:// is as containerd makes it. */
enum { MODE_LINES = 0640, MODE_RAW = 0644 };

/* Never waits: neither for the reader of a FIFO nor for a device. */
static const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

static int open_at(const struct log_file *f, struct stat *st)
{
	int fd = open(f->path, flags, f->lines ? MODE_LINES : MODE_RAW);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) || (f->lines && !S_ISREG(st->st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static void take(struct log_file *f, int fd, const struct stat *st)
{
	close_fd(&f->fd);
	f->fd = fd;
	f->regular = S_ISREG(st->st_mode);
	f->size = f->regular ? (uint64_t)st->st_size : 0;
}

int log_file_open(struct log_file *f, const char *path, bool lines, uint64_t max_size, unsigned max_files)
{
	struct stat st;
	*f = (struct log_file){.path = path, .fd = -1, .lines = lines, .max_size = max_size, .max_files = max_files};
	int fd = make_parents(path, 0755) ? -1 : open_at(f, &st);
	if (fd < 0)
		return -1;
	take(f, fd, &st);
	return 0;
}

static void failed(struct log_file *f, int error, const char *what)
{
	if (!f->lost_now && error != f->last_error)
		log_warn("%s %s: %s", what, f->path, strerror(error));
	f->errors++;
	f->last_error = error;
}

int log_file_reopen(struct log_file *f)
{
	struct stat st;
	int fd = make_parents(f->path, 0755) ? -1 : open_at(f, &st);
	if (fd < 0) {
		int saved = errno;
		failed(f, saved, "cannot reopen");
		errno = saved;
		return -1;
	}
	take(f, fd, &st);
	return 0;
}

/* path.n, and the path itself for 0. */
static void name_of(struct buf *b, const struct log_file *f, unsigned n)
{
	b->len = 0;
	buf_str(b, f->path);
	if (n)
		buf_fmt(b, ".%u", n);
}

static void shift_names(const struct log_file *f)
{
	struct buf from = {0}, to = {0};
	for (unsigned n = f->max_files - 1; n; n--) {
		name_of(&from, f, n - 1);
		name_of(&to, f, n);
		if (!from.failed && !to.failed)
			rename(buf_cstr(&from), buf_cstr(&to));
	}
	buf_free(&from);
	buf_free(&to);
}

/*
 * The new file is made under another name first, so that a directory that takes no more files leaves everything as it
 * is; writing goes on in the old file then. A reader that follows finds the next file by what the path names.
 */
static void rotate(struct log_file *f)
{
	struct buf fresh = {0};
	struct stat st;
	buf_fmt(&fresh, "%s.new", f->path);
	int fd = fresh.failed ? -1 : open(buf_cstr(&fresh), flags | O_TRUNC | O_NOFOLLOW, MODE_LINES);
	bool made = fd >= 0 && !fstat(f->fd, &st) && !fchmod(fd, st.st_mode & 0777) && !fchown(fd, st.st_uid, st.st_gid);
	if (!made) {
		failed(f, errno, "cannot rotate");
		close_fd(&fd);
	} else {
		shift_names(f);
		if (rename(buf_cstr(&fresh), f->path)) {
			failed(f, errno, "cannot rotate");
			close(fd);
		} else {
			close_fd(&f->fd);
			f->fd = fd;
			f->size = 0;
		}
	}
	buf_free(&fresh);
}

static size_t whole_lines(const uint8_t *data, size_t len)
{
	const uint8_t *end = memrchr(data, '\n', len);
	return end ? (size_t)(end - data) + 1 : 0;
}

/* How much of data goes into the current file. */
static size_t share(struct log_file *f, const uint8_t *data, size_t len)
{
	if (!f->max_size || !f->lines)
		return len;
	if (f->size && f->size + len > f->max_size) {
		size_t fits = f->size < f->max_size ? whole_lines(data, f->max_size - f->size) : 0;
		if (fits)
			return fits;
		rotate(f);
	}
	if (f->size + len <= f->max_size || f->size)
		return len;
	size_t fits = whole_lines(data, f->max_size);
	if (fits)
		return fits;
	/* A single line longer than a file. */
	const uint8_t *end = memchr(data, '\n', len);
	return end ? (size_t)(end - data) + 1 : len;
}

/* Writes what it can; how much of it counts as written. */
static size_t append(struct log_file *f, const uint8_t *data, size_t len)
{
	size_t at = 0;
	while (at < len) {
		ssize_t n = write(f->fd, data + at, len - at);
		if (n > 0) {
			at += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			failed(f, n ? errno : EIO, "cannot write to");
			break;
		}
	}
	if (at < len && f->lines && f->regular) {
		size_t keep = whole_lines(data, at);
		if (keep < at && !ftruncate(f->fd, (off_t)(f->size + keep)))
			at = keep;
	}
	f->size += at;
	return at;
}

bool log_file_write(struct log_file *f, const uint8_t *data, size_t len)
{
	uint64_t lost = f->lost;
	while (len) {
		size_t part = f->fd < 0 ? 0 : share(f, data, len), n = f->fd < 0 ? 0 : append(f, data, part);
		f->written += n;
		if (n && f->lost_now) {
			log_warn("writing to %s goes on; %llu bytes were lost", f->path, (unsigned long long)f->lost_now);
			f->lost_now = 0;
		}
		if (n < part || f->fd < 0) {
			/* The rest would meet the same error. */
			f->lost += len - n;
			f->lost_now += len - n;
			break;
		}
		data += part;
		len -= part;
	}
	return f->lost == lost;
}

void log_file_close(struct log_file *f)
{
	close_fd(&f->fd);
}
