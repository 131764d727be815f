/*
 * Runs a command on a terminal of its own.
 *
 *   test-pty ROWS COLUMNS COMMAND [ARG...]
 *
 * What comes in on standard input is typed on the terminal; what the command writes goes to standard output. A line
 * "ROWS COLUMNS" on descriptor 3 changes the size. Exits as the command does, 128 + N if signal N ended it. The last
 * line on standard error, "termios restored" or "termios changed", tells how the command left the terminal.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

enum { resize_fd = 3 };

static void die(const char *what)
{
	perror(what);
	exit(127);
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

/* Copies what is there; false at the end of `from`. */
static int copy(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes));
	if (n > 0)
		write_all(to, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static int resize(int terminal)
{
	char line[64];
	ssize_t n = read(resize_fd, line, sizeof(line) - 1);
	if (n <= 0)
		return 0;
	line[n] = '\0';
	struct winsize size = { 0 };
	if (sscanf(line, "%hu %hu", &size.ws_row, &size.ws_col) == 2 && ioctl(terminal, TIOCSWINSZ, &size) < 0)
		die("TIOCSWINSZ");
	return 1;
}

/* Carries bytes both ways until the last user of the terminal has closed it. */
static void carry(int terminal)
{
	struct pollfd fds[3] = {
		{ terminal, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 }, { resize_fd, POLLIN, 0 } };
	for (;;) {
		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			die("poll");
		}
		if (fds[0].revents && !copy(terminal, STDOUT_FILENO))
			return;
		/* A descriptor at its end is watched no longer. */
		if (fds[1].revents && !copy(STDIN_FILENO, terminal))
			fds[1].fd = -1;
		if (fds[2].revents && !resize(terminal))
			fds[2].fd = -1;
	}
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: test-pty ROWS COLUMNS COMMAND [ARG...]\n");
		return 2;
	}
	struct winsize size = { 0 };
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	int terminal, line;
	if (openpty(&terminal, &line, NULL, NULL, &size) < 0)
		die("openpty");
	struct termios before, after;
	if (tcgetattr(line, &before) < 0)
		die("tcgetattr");
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(terminal);
		close(resize_fd);
		if (login_tty(line) < 0)
			die("login_tty");
		execvp(argv[3], argv + 3);
		die(argv[3]);
	}
	close(line);
	carry(terminal);
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	if (tcgetattr(terminal, &after) < 0)
		die("tcgetattr");
	int same = before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag &&
		   before.c_cflag == after.c_cflag && before.c_lflag == after.c_lflag &&
		   memcmp(before.c_cc, after.c_cc, sizeof(before.c_cc)) == 0;
	fprintf(stderr, "termios %s\n", same ? "restored" : "changed");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
