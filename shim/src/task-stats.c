#include "cgroup.h"
#include "task.h"

void task_stats(struct call *call)
{
	struct container *c = task_container(call);
	if (!c)
		return;
	struct buf metrics = {0}, b = {0};
	bool unified = cgroup_unified();
	int r = !c->cgroup ? -1 : unified ? cgroup_v2_metrics(c->cgroup, &metrics) : cgroup_v1_metrics(c->cgroup, &metrics);
	if (r) {
		call_error(call, RPC_NOT_FOUND, "cgroup does not exist: not found");
	} else {
		pb_any(&b, 1, unified ? "io.containerd.cgroups.v2.Metrics" : "io.containerd.cgroups.v1.Metrics", &metrics);
		call_reply(call, &b);
	}
	buf_free(&metrics);
}
