#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "task.h"

static void on_updated(struct task_op *op)
{
	if (runc_ok(&op->runc)) {
		call_reply(op->call, NULL);
	} else {
		struct buf text = {0};
		runc_failure(&op->runc, &text);
		call_error(op->call, RPC_UNKNOWN, "%s did not terminate successfully: %s", op->runc.runc->binary, buf_cstr(&text));
		buf_free(&text);
	}
	process_end(op->process);
}

/* A memory file holding the resources JSON, read position at its start; -1 with errno. */
static int resources_fd(const struct call *call)
{
	struct pb r = call_fields(call), any = pb_over(NULL, 0);
	while (pb_next(&r))
		if (pb_is(&r, 2, PB_BYTES))
			any = pb_over(r.data, r.len);
	while (pb_next(&any))
		if (pb_is(&any, 2, PB_BYTES)) {
			int fd = memfd_create("resources", MFD_CLOEXEC);
			if (fd < 0)
				return -1;
			if (write(fd, any.data, any.len) == (ssize_t)any.len && !lseek(fd, 0, SEEK_SET))
				return fd;
			close(fd);
			return -1;
		}
	errno = EINVAL;
	return -1;
}

void task_update(struct call *call)
{
	struct container *c = task_container(call);
	if (!c || !process_begin(&c->init, call))
		return;
	struct verdict v = state_check(PROC_INIT, c->init.state, EV_UPDATE);
	int fd = v.allowed ? resources_fd(call) : -1;
	if (fd < 0) {
		int e = errno;
		process_end(&c->init);
		if (v.allowed)
			call_error(call, e == EINVAL ? RPC_INVALID_ARGUMENT : RPC_UNKNOWN, "resources: %s", strerror(e));
		else
			call_error(call, v.code, "%s", v.text);
		return;
	}
	task_op_run(call, &c->init, (const char *[]){"update", "--resources", "-", c->id, NULL}, fd, on_updated);
}
