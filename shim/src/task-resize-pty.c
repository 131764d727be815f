#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "task.h"

void task_resize_pty(struct call *call)
{
	struct process *p = task_process(call);
	if (!p || !task_allowed(call, p, EV_RESIZE))
		return;
	struct winsize size = {.ws_col = (unsigned short)task_number(call, 3), .ws_row = (unsigned short)task_number(call, 4)};
	/* Without a terminal there is nothing to resize, and nobody to tell. */
	if (p->streams.console >= 0 && ioctl(p->streams.console, TIOCSWINSZ, &size))
		call_error(call, RPC_UNKNOWN, "resize %s: %s", p->id, strerror(errno));
	else
		call_reply(call, NULL);
}
