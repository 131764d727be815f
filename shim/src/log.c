#include "log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

static int log_fd = -1;
static bool log_debug_on;

void log_open(const char *path, bool debug)
{
	struct stat st;
	log_debug_on = debug;
	/* O_RDWR: opening never waits for a reader and a vanished reader is no SIGPIPE. */
	log_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (log_fd >= 0 && (fstat(log_fd, &st) || !S_ISFIFO(st.st_mode))) {
		close(log_fd);
		log_fd = -1;
	}
}

__attribute__((format(printf, 2, 0))) static void line(const char *level, const char *fmt, va_list ap)
{
	char text[1024];
	struct timespec t = now_wall();
	struct tm tm;
	gmtime_r(&t.tv_sec, &tm);
	size_t n = strftime(text, sizeof text, "time=\"%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(text + n, sizeof text - n, ".%09ldZ\" level=%s msg=\"", t.tv_nsec, level);
	int m = vsnprintf(text + n, sizeof text - n - 2, fmt, ap);
	size_t end = m < 0 ? n : n + (size_t)m;
	if (end > sizeof text - 3)
		end = sizeof text - 3;
	for (size_t i = n; i < end; i++)
		if (text[i] == '\n' || text[i] == '"')
			text[i] = text[i] == '"' ? '\'' : ' ';
	memcpy(text + end, "\"\n", 2);
	/* Full or gone: the line is lost, by design. */
	ssize_t done = write(log_fd, text, end + 2);
	(void)done;
}

void log_warn(const char *fmt, ...)
{
	if (log_fd < 0)
		return;
	va_list ap;
	va_start(ap, fmt);
	line("warning", fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	if (log_fd < 0 || !log_debug_on)
		return;
	va_list ap;
	va_start(ap, fmt);
	line("debug", fmt, ap);
	va_end(ap);
}
