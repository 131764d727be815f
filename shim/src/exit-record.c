#include "exit-record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "json.h"

static char *record_path(const char *bundle, const char *exec_id)
{
	if (!exec_id)
		return path_join(bundle, "exit.json");
	struct buf name = {0};
	buf_fmt(&name, "exec-%s.exit.json", exec_id);
	char *path = name.failed ? NULL : path_join(bundle, buf_cstr(&name));
	buf_free(&name);
	return path;
}

int exit_record_write(const char *bundle, const char *exec_id, const struct exit_record *r)
{
	struct buf b = {0};
	struct tm tm;
	char when[32];
	gmtime_r(&r->exited_at.tv_sec, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	buf_fmt(&b, "{\"pid\":%d,\"exit_status\":%u,\"exited_at\":\"%s.%09ldZ\"}\n", (int)r->pid, r->exit_status, when,
		(long)r->exited_at.tv_nsec);
	char *path = record_path(bundle, exec_id);
	errno = ENOMEM;
	int rc = path && !b.failed ? file_replace(path, 0600, b.p, b.len) : -1;
	int saved = errno;
	free(path);
	buf_free(&b);
	errno = saved;
	return rc;
}

static bool parse_time(const char *s, struct timespec *out)
{
	struct tm tm = {0};
	int n = 0;
	long nsec = 0;
	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d.%9ldZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
		   &tm.tm_sec, &nsec, &n) != 7 ||
	    s[n])
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*out = (struct timespec){timegm(&tm), nsec};
	return true;
}

static bool parse(const struct buf *b, struct exit_record *r)
{
	struct json j = json_over((const char *)b->p, b->len);
	bool pid = false, status = false, when = false;
	enum json_tok t = json_next(&j);
	if (t != JSON_OBJECT)
		return false;
	while ((t = json_next(&j)) == JSON_KEY) {
		bool is_pid = json_is(&j, "pid"), is_status = json_is(&j, "exit_status"), is_at = json_is(&j, "exited_at");
		t = json_next(&j);
		if (t == JSON_NUMBER && is_pid)
			pid = true, r->pid = (pid_t)strtol(j.text, NULL, 10);
		if (t == JSON_NUMBER && is_status)
			status = true, r->exit_status = (uint32_t)strtoul(j.text, NULL, 10);
		if (t == JSON_STRING && is_at) {
			char *s = json_strdup(&j);
			when = s && parse_time(s, &r->exited_at);
			free(s);
		}
		if (!json_skip(&j, t))
			return false;
	}
	return t == JSON_OBJECT_END && pid && status && when;
}

bool exit_record_read(const char *bundle, const char *exec_id, struct exit_record *r)
{
	struct buf b = {0};
	char *path = record_path(bundle, exec_id);
	bool ok = path && !file_read(path, 4096, &b) && b.len && parse(&b, r);
	free(path);
	buf_free(&b);
	return ok;
}

void exit_record_remove(const char *bundle, const char *exec_id)
{
	char *path = record_path(bundle, exec_id);
	if (path)
		unlink(path);
	free(path);
}
