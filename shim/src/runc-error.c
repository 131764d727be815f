#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "json.h"
#include "runc.h"

enum { LOG_MAX = 1 << 20 };

static void trim(char *s)
{
	size_t n = strlen(s), from = strspn(s, " \t\r\n");
	while (n > from && isspace((unsigned char)s[n - 1]))
		n--;
	s[n] = 0;
	memmove(s, s + from, n - from + 1);
}

/* Reads one log object; its message in fresh memory when its level is "error", else NULL. */
static char *log_entry(struct json *j, enum json_tok *t)
{
	char *msg = NULL;
	bool error = false;
	while ((*t = json_next(j)) == JSON_KEY) {
		bool level = json_is(j, "level"), text = json_is(j, "msg");
		*t = json_next(j);
		if (*t == JSON_STRING && level)
			error = json_is(j, "error");
		if (*t == JSON_STRING && text) {
			free(msg);
			msg = json_strdup(j);
		}
		if (!json_skip(j, *t))
			break;
	}
	if (error)
		return msg;
	free(msg);
	return NULL;
}

/* The last error the runtime logged since the call began; NULL when there is none. -1 in *err: cannot be read. */
static char *last_error(const struct runc_call *c, int *err)
{
	struct buf b = {0};
	char *last = NULL;
	int fd = open(c->runc->log, O_RDONLY | O_CLOEXEC);
	*err = fd < 0 ? errno : 0;
	if (fd < 0)
		return NULL;
	if (lseek(fd, c->log_from, SEEK_SET) >= 0 && !file_read_fd(fd, LOG_MAX, &b) && b.len) {
		struct json j = json_over((const char *)b.p, b.len);
		enum json_tok t;
		while ((t = json_next(&j)) == JSON_OBJECT) {
			char *msg = log_entry(&j, &t);
			if (msg) {
				free(last);
				last = msg;
			}
			if (t != JSON_OBJECT_END)
				break;
		}
	}
	close(fd);
	buf_free(&b);
	if (last)
		trim(last);
	return last;
}

static void describe_end(const struct runc_call *c, struct buf *out)
{
	const struct job *j = &c->job;
	if (c->start_errno == ENOENT && !strchr(c->runc->binary, '/'))
		buf_fmt(out, "exec: \"%s\": executable file not found in $PATH", c->runc->binary);
	else if (c->start_errno)
		buf_fmt(out, "fork/exec %s: %s", c->runc->binary, strerror(c->start_errno));
	else if (j->timed_out)
		buf_fmt(out, "%s %s did not end in time and was killed", c->runc->binary, c->verb);
	else if (j->status > 128)
		buf_fmt(out, "signal: %s", strsignal((int)j->status - 128));
	else
		buf_fmt(out, "exit status %u", j->status);
}

void runc_failure(struct runc_call *c, struct buf *out)
{
	struct buf *said = &c->job.out;
	describe_end(c, out);
	if (said->len) {
		buf_fmt(out, ": ");
		buf_add(out, said->p, said->len > 4096 ? 4096 : said->len);
	}
}

void runc_error(struct runc_call *c, const char *what, struct buf *out)
{
	int err;
	char *last = c->start_errno ? NULL : last_error(c, &err);
	buf_fmt(out, "%s: ", what);
	if (last && *last) {
		buf_str(out, last);
	} else {
		if (c->start_errno)
			last = last_error(c, &err);
		if (err)
			buf_fmt(out, "unable to retrieve OCI runtime error (open %s: %s): ", c->runc->log, strerror(err));
		if (!c->start_errno && !c->job.timed_out && !c->job.out.len)
			buf_fmt(out, "%s did not terminate successfully: ", c->runc->binary);
		runc_failure(c, out);
	}
	free(last);
}
