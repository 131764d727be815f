#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define ROOT "/sys/fs/cgroup"
enum { TEXT_MAX = 64 << 10, WAIT_MS = 1000, PAUSE_MS = 10 };

char *cgroup_of(pid_t pid)
{
	char path[40];
	struct buf b = {0};
	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
	if (file_read(path, TEXT_MAX, &b) || !b.len) {
		buf_free(&b);
		return NULL;
	}
	buf_cstr(&b);
	return (char *)b.p;
}

bool cgroup_names(const char *cgroup, const char *id)
{
	/* The id may also be a part of a longer name before. */
	for (const char *at = cgroup; (at = strstr(at, id)); at++) {
		char after = at[strlen(id)];
		if (at > cgroup && strchr("/-", at[-1]) && (after == '\n' || after == '/' || after == '.'))
			return true;
	}
	return false;
}

static bool lists(const char *names, size_t len, const char *name)
{
	for (const char *end = names + len; names < end; names++) {
		size_t n = strcspn(names, ",:");
		if (n == strlen(name) && !strncmp(names, name, n))
			return true;
		names += n;
	}
	return false;
}

char *cgroup_dir(const char *cgroup, const char *controller)
{
	bool unified = !*controller;
	for (const char *line = cgroup; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
		if (!path)
			return NULL;
		names++;
		bool match = unified ? path == names : lists(names, (size_t)(path - names), controller);
		if (!match)
			continue;
		path++;
		struct buf b = {0};
		struct stat st;
		buf_fmt(&b, ROOT "%s%s%.*s", unified ? "" : "/", controller, (int)strcspn(path, "\n"), path);
		char *dir = b.failed ? NULL : cgroup_host_path(buf_cstr(&b));
		buf_free(&b);
		if (dir && !stat(dir, &st))
			return dir;
		free(dir);
		return NULL;
	}
	return NULL;
}

static int join_one(const char *dir, pid_t pid)
{
	char number[16];
	struct buf b = {0};
	buf_fmt(&b, "%s/cgroup.procs", dir);
	snprintf(number, sizeof number, "%d", (int)pid);
	int fd = open(buf_cstr(&b), O_WRONLY | O_CLOEXEC), r = -1;
	buf_free(&b);
	if (fd < 0)
		return -1;
	if (write(fd, number, strlen(number)) > 0)
		r = 0;
	int saved = errno;
	close(fd);
	errno = saved;
	return r;
}

/* Calls fn with the directory of that path in every mounted hierarchy that has it, until one fails. */
static int in_each(const char *path, int (*fn)(const char *dir, void *arg), void *arg)
{
	struct buf b = {0};
	int r = -1;
	errno = ENOENT;
	if (cgroup_unified()) {
		buf_fmt(&b, ROOT "/%s", path);
		r = fn(buf_cstr(&b), arg);
		buf_free(&b);
		return r;
	}
	DIR *d = opendir(ROOT);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		b.len = 0;
		buf_fmt(&b, ROOT "/%s/%s", e->d_name, path);
		if (access(buf_cstr(&b), F_OK))
			continue;
		r = fn(buf_cstr(&b), arg);
		if (r)
			break;
	}
	int saved = errno;
	if (d)
		closedir(d);
	buf_free(&b);
	errno = saved;
	return r;
}

static int join_dir(const char *dir, void *pid)
{
	return join_one(dir, *(const pid_t *)pid);
}

int cgroup_join(const char *path, pid_t pid)
{
	return in_each(path, join_dir, &pid);
}

static int remove_dir(const char *dir, void *tries_left)
{
	static const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int *left = tries_left;
	while (rmdir(dir)) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || !*left)
			return -1;
		--*left;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int cgroup_remove(const char *path)
{
	int tries_left = WAIT_MS / PAUSE_MS;
	return !in_each(path, remove_dir, &tries_left) || errno == ENOENT ? 0 : -1;
}
