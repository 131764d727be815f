#include "id-map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "mount-api.h"

enum { NEW_USER_NAMESPACE = 0x10000000 /* CLONE_NEWUSER */, WAIT_ALL = 0x40000000 /* __WALL */ };

/* struct clone_args of clone3(2), as its first version has it. */
struct clone_request {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static bool number(const char **at, char until, unsigned long *n)
{
	char *end;
	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*n = strtoul(*at, &end, 10);
	*at = end;
	if (errno || *n >= UINT32_MAX || (until && *end != until) || (!until && *end && *end != ','))
		return false;
	*at += *end ? 1 : 0;
	return true;
}

bool id_map_lines(struct buf *out, const char *map)
{
	size_t len = strlen(map);
	const char *at = map;
	do {
		unsigned long inside, outside, count;
		if (!number(&at, ':', &inside) || !number(&at, ':', &outside) || !number(&at, 0, &count) || !count)
			return false;
		buf_fmt(out, "%lu %lu %lu\n", inside, outside, count);
	} while (*at);
	return !out->failed && map[len - 1] != ',';
}

static int write_map(pid_t pid, const char *name, const char *lines)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* The kernel takes a map in one write or not at all. */
	ssize_t n = write(fd, lines, strlen(lines));
	close_fd(&fd);
	return n < 0 ? -1 : 0;
}

static int open_namespace(pid_t pid, const char *uids, const char *gids)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
	if (write_map(pid, "uid_map", uids) || write_map(pid, "gid_map", gids))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A user namespace is made by a process that enters it; it is not needed once the maps are written. */
static int user_namespace(const char *uids, const char *gids)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	/* No exit signal: the loop, which reaps whatever ended, does not hear of this one. */
	struct clone_request how = {.flags = NEW_USER_NAMESPACE};
	pid_t pid = (pid_t)syscall(SYS_clone3, &how, sizeof how);
	if (!pid) {
		char byte;
		close(ends[1]);
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	int fd = pid < 0 ? -1 : open_namespace(pid, uids, gids), saved = errno;
	close_fd(&ends[0]);
	close_fd(&ends[1]);
	while (pid > 0 && waitpid(pid, NULL, WAIT_ALL) < 0 && errno == EINTR)
		;
	errno = saved;
	return fd;
}

int id_map_mount(const char *source, const char *target, unsigned long flags, const char *uids, const char *gids)
{
	int ns = user_namespace(uids, gids);
	if (ns < 0)
		return -1;
	int r = mount_tree(source, target, flags, ns), saved = errno;
	close_fd(&ns);
	errno = saved;
	return r;
}
