#include "task.h"

void task_close_io(struct call *call)
{
	struct process *p = task_process(call);
	if (!p)
		return;
	/* containerd's shim does not look at the `stdin` flag either: stdin is all there is to close. */
	streams_close_stdin(&p->streams);
	call_reply(call, NULL);
}
