#include <stdlib.h>
#include <unistd.h>

#include "task.h"

void task_connect(struct call *call)
{
	char *id = task_text(call, 1);
	if (!id)
		return;
	struct container *c = container_find(id);
	struct buf b = {0};
	free(id);
	pb_uint(&b, 1, (uint64_t)getpid());
	pb_uint(&b, 2, c ? (uint64_t)c->init.pid : 0);
	call_reply(call, &b);
}
