#include "orphan.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "proc.h"
#include "reap.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_send_signal 424
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* linux/pidfd.h, first version of the structure; the exit fields came with 6.15. */
struct pidfd_info {
	uint64_t mask, cgroup_id;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
};
#define PIDFD_GET_INFO_CALL _IOWR(0xff, 11, struct pidfd_info)
enum { INFO_EXIT = 1 << 3 };

struct orphan {
	struct watch watch;
	pid_t pid;
};

static unsigned status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128u + (unsigned)WTERMSIG(wait_status) : (unsigned)WEXITSTATUS(wait_status);
}

static bool kept_status(int pidfd, unsigned *status)
{
	struct pidfd_info info = {.mask = INFO_EXIT};
	if (ioctl(pidfd, PIDFD_GET_INFO_CALL, &info) || !(info.mask & INFO_EXIT))
		return false;
	*status = status_of(info.exit_code);
	return true;
}

bool orphan_status(pid_t pid, int pidfd, unsigned *status)
{
	/* The kernel keeps it from the moment of reaping on; until then the zombie tells, and may go in between. */
	if (kept_status(pidfd, status))
		return true;
	struct proc_stat s;
	if (proc_stat_read(pid, &s) && s.state == 'Z' && !orphan_kill(pidfd, 0)) {
		*status = status_of(s.wait_status);
		return true;
	}
	return kept_status(pidfd, status);
}

static void on_ended(struct watch *w, uint32_t events)
{
	(void)events;
	struct orphan *o = CONTAINER_OF(w, struct orphan, watch);
	unsigned status = STATUS_UNKNOWN;
	if (!orphan_status(o->pid, w->fd, &status))
		log_warn("nobody knows how process %d ended", (int)o->pid);
	pid_t pid = o->pid;
	loop_unwatch(w);
	close(w->fd);
	free(o);
	reap_tell(pid, status, now_wall());
}

int orphan_follow(pid_t pid, int pidfd)
{
	struct orphan *o = calloc(1, sizeof *o);
	if (o) {
		o->pid = pid;
		if (!loop_watch(&o->watch, pidfd, EPOLLIN, on_ended))
			return 0;
	}
	free(o);
	return -1;
}

int orphan_open(pid_t pid, unsigned long long start_ticks)
{
	struct proc_stat s;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* Looked at afterwards: what the descriptor holds cannot change any more. */
	if (fd >= 0 && (!proc_stat_read(pid, &s) || s.start_ticks != start_ticks)) {
		close(fd);
		errno = ESRCH;
		return -1;
	}
	return fd;
}

int orphan_kill(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int orphan_fetch(pid_t holder, int fd)
{
	int process = (int)syscall(SYS_pidfd_open, holder, 0);
	if (process < 0)
		return -1;
	int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0), saved = errno;
	close(process);
	errno = saved;
	return copy;
}
