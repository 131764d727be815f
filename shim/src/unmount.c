#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "mount.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int unmount_all(const char *target)
{
	/* Bounded: a mount stack deeper than this is not ours. */
	for (int i = 0; i < 4 * MOUNTS_MAX; i++)
		if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW))
			return errno == EINVAL || errno == ENOENT ? 0 : -1;
	return 0;
}

/* Lets go of everything but what it holds, and of that once the other end of `ready` is closed. */
static _Noreturn void hold(int held, int ready)
{
	char byte;
	while (read(ready, &byte, 1) < 0 && errno == EINTR)
		;
	if (held > 0)
		syscall(SYS_close_range, 0, (unsigned)held - 1, 0);
	syscall(SYS_close_range, (unsigned)held + 1, ~0u, 0);
	_exit(0);
}

int unmount_at_once(const char *target)
{
	int held = open(target, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), ready[2];
	if (held < 0)
		return unmount_all(target);
	if (pipe2(ready, O_CLOEXEC)) {
		close(held);
		return unmount_all(target);
	}
	pid_t pid = fork();
	if (pid < 0)
		log_warn("cannot start a process that ends the mount: %s", strerror(errno));
	if (!pid) {
		close(ready[1]);
		hold(held, ready[0]);
	}
	close(held);
	close(ready[0]);
	int r = unmount_all(target), saved = errno;
	close(ready[1]);
	errno = saved;
	return r;
}
