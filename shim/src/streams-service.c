#include "streams-service.h"

#include <errno.h>
#include <string.h>

#include "task.h"

static void reopen_log(struct call *call)
{
	struct process *p = task_process(call);
	if (!p)
		return;
	struct log_driver *d = p->streams.log;
	if (!d)
		call_error(call, RPC_FAILED_PRECONDITION, "process %s has no log to reopen: failed precondition", p->id);
	else if (log_file_reopen(&d->file))
		call_error(call, RPC_UNKNOWN, "reopen %s: %s", d->file.path, strerror(errno));
	else
		call_reply(call, NULL);
}

static void stat_log(struct call *call)
{
	struct process *p = task_process(call);
	if (!p)
		return;
	const struct log_driver *d = p->streams.log;
	struct buf b = {0};
	if (d) {
		pb_str(&b, 1, d->file.path);
		pb_uint(&b, 2, d->read);
		pb_uint(&b, 3, d->file.written);
		pb_uint(&b, 4, d->file.lost);
		pb_uint(&b, 5, d->file.errors);
		pb_str(&b, 6, d->file.last_error ? strerror(d->file.last_error) : "");
		pb_str(&b, 7, d->attach.path ? d->attach.path : "");
		pb_uint(&b, 8, d->attach.nclients);
	}
	call_reply(call, &b);
}

const struct method streams_methods[] = {
	{"ReopenLog", reopen_log},
	{"Stat", stat_log},
	{NULL, NULL},
};
