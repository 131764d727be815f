#include "bootstrap.h"
#include "check.h"
#include "pb.h"

static void put_options(struct buf *out, uint32_t field, const char *cgroup)
{
	struct buf o = {0};
	pb_str(&o, 3, cgroup);
	pb_any(out, field, "containerd.runc.v1.Options", &o);
	buf_free(&o);
}

static void params_are_known_by_identity(void)
{
	struct buf in = {0}, ext = {0}, out = {0};
	struct bootstrap b;
	pb_str(&in, 1, "id1");
	pb_str(&in, 2, "ns1");
	pb_uint(&in, 3, (uint64_t)-4);
	pb_str(&in, 5, "/t.sock");
	pb_str(&in, 6, "/g.sock");
	put_options(&ext, 1, "grp");
	pb_message(&in, 8, &ext);
	pb_str(&in, 9, "/dir");
	bootstrap_parse(&b, in.p, in.len, "id1", "ns1");
	CHECK(b.params && b.debug);
	CHECK_STR(b.ttrpc_address, "/t.sock");
	CHECK_STR(b.grpc_address, "/g.sock");
	CHECK_STR(b.socket_dir, "/dir");
	CHECK_STR(b.options.shim_cgroup, "grp");
	bootstrap_answer(&b, "unix:///x", &out);
	CHECK(out.len == 20 && !memcmp(out.p, "\x08\x03\x12\x09unix:///x\x1a\x05ttrpc", 20));
	bootstrap_free(&b);
	bootstrap_parse(&b, in.p, in.len, "other", "ns1");
	CHECK(!b.params);
	bootstrap_free(&b);
	buf_free(&in);
	buf_free(&ext);
	buf_free(&out);
}

static void older_forms(void)
{
	struct buf o = {0}, in = {0}, out = {0};
	struct bootstrap b;
	pb_str(&o, 3, "old");
	pb_str(&in, 1, "containerd.runc.v1.Options");
	pb_bytes(&in, 2, o.p, o.len);
	bootstrap_parse(&b, in.p, in.len, "id1", "ns1");
	CHECK(!b.params);
	CHECK_STR(b.options.shim_cgroup, "old");
	bootstrap_answer(&b, "unix:///x", &out);
	CHECK_STR(buf_cstr(&out), "unix:///x");
	bootstrap_free(&b);
	bootstrap_parse(&b, NULL, 0, "id1", "ns1");
	CHECK(!b.params && !b.options.shim_cgroup);
	bootstrap_free(&b);
	buf_free(&o);
	buf_free(&in);
	buf_free(&out);
}

void test_bootstrap(void)
{
	params_are_known_by_identity();
	older_forms();
}
