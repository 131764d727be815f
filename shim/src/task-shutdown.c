#include "failpoint.h"
#include "serve.h"
#include "task.h"

void task_shutdown(struct call *call)
{
	/* Any container, also one whose Create is still under way. */
	bool busy = containers != NULL;
	failpoint("shutdown.asked");
	call_reply(call, NULL);
	if (!busy)
		serve_stop();
}
