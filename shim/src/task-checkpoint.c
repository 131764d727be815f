#include "task.h"

void task_checkpoint(struct call *call)
{
	if (task_container(call))
		call_error(call, RPC_UNIMPLEMENTED, "checkpoint: not implemented");
}
