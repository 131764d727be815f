#include "check.h"
#include "checkpoint-options.h"

static void any_of(struct buf *any, const char *type, const struct buf *value)
{
	*any = (struct buf){0};
	pb_str(any, 1, type);
	pb_bytes(any, 2, value->p, value->len);
}

void test_checkpoint_options(void)
{
	struct checkpoint_options o;
	struct buf v = {0}, any;
	CHECK(checkpoint_options_from_any(&o, NULL, 0));
	CHECK(!o.exit && !o.nempty && !o.work_path);
	pb_uint(&v, 1, 1);
	pb_uint(&v, 5, 1);
	pb_str(&v, 6, "network");
	pb_str(&v, 6, "ipc");
	pb_str(&v, 7, "soft");
	pb_str(&v, 9, "/w");
	any_of(&any, "type.googleapis.com/containerd.runc.v1.CheckpointOptions", &v);
	CHECK(checkpoint_options_from_any(&o, any.p, any.len));
	CHECK(o.exit && o.file_locks && !o.open_tcp && o.nempty == 2 && !o.parent_path);
	CHECK_STR(o.empty_namespaces[1], "ipc");
	CHECK_STR(o.cgroups_mode, "soft");
	CHECK_STR(o.work_path, "/w");
	checkpoint_options_free(&o);
	buf_free(&any);

	any_of(&any, "containerd.runc.v1.Options", &v);
	CHECK(!checkpoint_options_from_any(&o, any.p, any.len));
	checkpoint_options_free(&o);
	buf_free(&any);

	for (int i = 0; i < CHECKPOINT_NAMESPACES_MAX; i++)
		pb_str(&v, 6, "user");
	any_of(&any, "containerd.runc.v1.CheckpointOptions", &v);
	CHECK(!checkpoint_options_from_any(&o, any.p, any.len));
	checkpoint_options_free(&o);
	buf_free(&any);
	buf_free(&v);
}
