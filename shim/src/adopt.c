#include "adopt.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup-file.h"
#include "cgroup.h"
#include "event.h"
#include "exit-record.h"
#include "file.h"
#include "log.h"
#include "orphan.h"
#include "proc.h"

enum { STATUS_KILLED = 128 + SIGKILL };

static bool cgroup_says(const struct container *c, const char *controller, const char *file, const char *word)
{
	struct buf text = {0};
	char *dir = c->cgroup ? cgroup_dir(c->cgroup, controller) : NULL;
	bool says = dir && cgroup_text(dir, file, &text) && !strncmp(buf_cstr(&text), word, strlen(word));
	buf_free(&text);
	free(dir);
	return says;
}

enum proc_state adopt_state(const struct container *c)
{
	/* The runtime's init waits at this FIFO until it is started. */
	char *dir = path_join(c->runc.root, c->id), *fifo = dir ? path_join(dir, "exec.fifo") : NULL;
	bool created = fifo && !access(fifo, F_OK);
	free(dir);
	free(fifo);
	if (created)
		return STATE_CREATED;
	bool frozen = cgroup_says(c, "freezer", "freezer.state", "FROZEN") || cgroup_says(c, "", "cgroup.freeze", "1");
	return frozen ? STATE_PAUSED : STATE_RUNNING;
}

/* How the exec ended; kills it if it has not. */
static uint32_t end_exec(const struct container *c, pid_t pid)
{
	char *cgroup = pid > 1 ? cgroup_of(pid) : NULL;
	struct proc_stat s;
	bool lives = cgroup && cgroup_names(cgroup, c->id) && proc_stat_read(pid, &s) && s.state != 'Z' && !kill(pid, SIGKILL);
	free(cgroup);
	return lives ? STATUS_KILLED : STATUS_UNKNOWN;
}

static void adopt_exec(struct container *c, const char *id, pid_t pid)
{
	struct process *p = process_new(c, id);
	struct exit_record r;
	if (!p)
		return;
	p->in = strdup("");
	p->out = strdup("");
	p->err = strdup("");
	p->pid = pid;
	if (!exit_record_read(c->bundle, id, &r)) {
		r = (struct exit_record){pid, end_exec(c, pid), now_wall()};
		if (exit_record_write(c->bundle, id, &r))
			log_warn("cannot write the exit record of %s: %s", id, strerror(errno));
	}
	p->state = STATE_STOPPED;
	p->exit_status = r.exit_status;
	p->exited_at = r.exited_at;
	event_exit(p);
}

void adopt_execs(struct container *c)
{
	static const char suffix[] = ".pid";
	DIR *d = opendir(c->bundle);
	for (struct dirent *e; d && (e = readdir(d));) {
		size_t n = strlen(e->d_name), id_len = n - (sizeof suffix - 1);
		if (n < sizeof suffix || strcmp(e->d_name + id_len, suffix) || !strcmp(e->d_name, "init.pid"))
			continue;
		char *path = path_join(c->bundle, e->d_name), *id = strndup(e->d_name, id_len);
		pid_t pid = path ? file_pid(path) : 0;
		if (id && pid)
			adopt_exec(c, id, pid);
		free(path);
		free(id);
	}
	if (d)
		closedir(d);
}
