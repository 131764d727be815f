#include "record.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "proc.h"

enum { RECORD_MAX = 8 << 20 };
/* Fields of TaskRecord. */
enum { R_VERSION = 1, R_SHIM, R_PID, R_STARTED, R_CREATE, R_DESCRIPTORS };

static void put_descriptor(struct streams *s, unsigned role, void *out)
{
	int fd = *streams_end(s, role);
	struct stat st;
	struct buf b = {0};
	if (fd < 0 || fstat(fd, &st))
		return;
	pb_uint(&b, 1, role);
	pb_uint(&b, 2, (uint64_t)fd);
	pb_uint(&b, 3, st.st_dev);
	pb_uint(&b, 4, st.st_ino);
	pb_message(out, R_DESCRIPTORS, &b);
	buf_free(&b);
}

static char *record_path(const struct container *c)
{
	return path_join(c->bundle, "task.pb");
}

void record_remove(const struct container *c)
{
	char *path = record_path(c);
	if (path)
		unlink(path);
	free(path);
}

int record_write(const struct container *c, const void *create, size_t len)
{
	struct buf b = {0};
	struct proc_stat stat;
	const struct process *p = &c->init;
	pb_uint(&b, R_VERSION, INTERFACE_VERSION);
	pb_uint(&b, R_SHIM, (uint64_t)getpid());
	pb_uint(&b, R_PID, (uint64_t)p->pid);
	if (proc_stat_read(p->pid, &stat))
		pb_uint(&b, R_STARTED, stat.start_ticks);
	pb_bytes(&b, R_CREATE, create, len);
	streams_each_kept((struct streams *)&p->streams, p->out, put_descriptor, &b);
	char *path = record_path(c);
	errno = ENOMEM;
	int r = path && !b.failed ? file_write(path, 0600, b.p, b.len) : -1, saved = errno;
	free(path);
	buf_free(&b);
	errno = saved;
	return r;
}

int record_renew(const struct container *c)
{
	struct buf b = {0};
	char *path = record_path(c);
	int r = path ? file_read(path, RECORD_MAX, &b) : -1;
	struct pb old = pb_over(b.p, b.len);
	while (!r && pb_next(&old))
		if (pb_is(&old, R_CREATE, PB_BYTES)) {
			r = record_write(c, old.data, old.len);
			break;
		}
	int saved = errno;
	free(path);
	buf_free(&b);
	errno = saved;
	return r;
}
