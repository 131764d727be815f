/*
 * Keeps one process of a test, and everything it leaves behind, under a parent that reaps.
 *
 *   test-reaper COMMAND [ARG...]
 *
 * COMMAND runs with standard input from /dev/null. Descriptor 3 reports one line when it has started, "pid N", and one
 * when it ends, "exit N" or "signal N". Orphans of COMMAND (shims, containers) then belong to this process, which reaps
 * them, until the end of standard input: then it kills all that is left below it and exits with status 0. So a test
 * can kill a daemon without its shims changing to a PID 1 that may not reap, and the death of the test ends them all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { report_fd = 3 };

static void die(const char *what)
{
	perror(what);
	exit(127);
}

/* Starts the command with the signal mask and descriptors it would have had without us. */
static pid_t start(char **argv, const sigset_t *old_mask)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	int null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		die("/dev/null");
	close(null);
	close(report_fd);
	sigprocmask(SIG_SETMASK, old_mask, NULL);
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

/* Reaps whatever has ended; reports the end of `command`. */
static void reap(pid_t command)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		if (WIFEXITED(status))
			dprintf(report_fd, "exit %d\n", WEXITSTATUS(status));
		else
			dprintf(report_fd, "signal %d\n", WTERMSIG(status));
	}
}

/* The parent of a process, 0 if there is none or it is gone. */
static pid_t parent_of(const char *pid)
{
	char path[64], text[512];
	snprintf(path, sizeof(path), "/proc/%.16s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* The name in brackets may itself hold brackets and spaces. */
	const char *after_name = strrchr(text, ')');
	int parent = 0;
	if (after_name == NULL || sscanf(after_name + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

/* Kills the direct children; theirs become ours and are met on the next round. */
static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	if (proc == NULL)
		die("/proc");
	const struct dirent *entry;
	while ((entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (parent_of(entry->d_name) == getpid())
			kill((pid_t)atoi(entry->d_name), SIGKILL);
	}
	closedir(proc);
}

/* Ends every descendant, level by level. */
static void kill_all(void)
{
	do
		kill_children();
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: test-reaper COMMAND [ARG...]\n");
		return 2;
	}
	sigset_t mask, old_mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old_mask);
	int child_fd = signalfd(-1, &mask, SFD_CLOEXEC);
	if (child_fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die("test-reaper");
	/* An interrupt typed at the test runner ends the tests, which end us in their own order. */
	signal(SIGINT, SIG_IGN);

	pid_t command = start(argv + 1, &old_mask);
	dprintf(report_fd, "pid %d\n", command);
	for (;;) {
		struct pollfd fds[2] = { { STDIN_FILENO, POLLIN, 0 }, { child_fd, POLLIN, 0 } };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[1].revents & POLLIN) {
			struct signalfd_siginfo info;
			if (read(child_fd, &info, sizeof(info)) < 0)
				die("signalfd");
			reap(command);
		}
		char byte;
		if ((fds[0].revents & (POLLIN | POLLHUP)) && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
	kill_all();
	return 0;
}
