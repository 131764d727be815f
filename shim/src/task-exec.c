#include <stdlib.h>

#include "event.h"
#include "failpoint.h"
#include "spec.h"
#include "task.h"

/* Fields of ExecProcessRequest. */
enum { F_TERMINAL = 3, F_STDIN, F_STDOUT, F_STDERR, F_SPEC };

static bool read_spec(struct call *call, struct process *p)
{
	struct pb r = call_fields(call), any = pb_over(NULL, 0);
	while (pb_next(&r))
		if (pb_is(&r, F_SPEC, PB_BYTES))
			any = pb_over(r.data, r.len);
	buf_free(&p->spec);
	while (pb_next(&any))
		if (pb_is(&any, 2, PB_BYTES))
			return spec_process(any.data, any.len, p->terminal, &p->spec);
	return false;
}

static void add_exec(struct call *call, struct container *c, const char *exec_id)
{
	struct process *p = process_new(c, exec_id);
	if (!p) {
		call_error(call, RPC_RESOURCE_EXHAUSTED, "out of memory");
		return;
	}
	p->terminal = task_number(call, F_TERMINAL);
	if (!(p->in = task_text(call, F_STDIN)) || !(p->out = task_text(call, F_STDOUT)) ||
	    !(p->err = task_text(call, F_STDERR))) {
		process_free(p);
	} else if (!read_spec(call, p)) {
		process_free(p);
		call_error(call, RPC_INVALID_ARGUMENT, "process spec of %s is malformed: invalid argument", exec_id);
	} else {
		failpoint("exec.added");
		event_exec_added(p);
		call_reply(call, NULL);
	}
}

void task_exec(struct call *call)
{
	struct container *c = task_container(call);
	char *exec_id = c ? task_text(call, 2) : NULL;
	if (!exec_id)
		return;
	if (!id_valid(exec_id))
		call_error(call, RPC_INVALID_ARGUMENT, "exec id %s is malformed: invalid argument", exec_id);
	else if (process_find(c, exec_id))
		call_error(call, RPC_ALREADY_EXISTS, "id %s: already exists", exec_id);
	else if (c->checkpoint && c->init.state == STATE_CREATED)
		call_error(call, RPC_UNKNOWN, "cannot exec in a created state");
	else if (task_allowed(call, &c->init, EV_EXEC))
		add_exec(call, c, exec_id);
	free(exec_id);
}
