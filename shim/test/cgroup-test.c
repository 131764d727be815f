#include <stdlib.h>
#include <unistd.h>

#include "cgroup-file.h"
#include "cgroup.h"
#include "check.h"

static const char stat_text[] = "cache 1\nrss 22\nrss_huge 333\ntotal_rss 4\n";

static void keys_match_whole_words(void)
{
	CHECK(cgroup_key(stat_text, "rss") == 22);
	CHECK(cgroup_key(stat_text, "rss_huge") == 333);
	CHECK(cgroup_key(stat_text, "total_rss") == 4);
	CHECK(cgroup_key(stat_text, "huge") == 0);
	CHECK(cgroup_key("", "x") == 0);
}

static void own_metrics_can_be_read(void)
{
	struct buf out = {0};
	char *text = cgroup_of(getpid());
	CHECK(text != NULL);
	int r = cgroup_unified() ? cgroup_v2_metrics(text, &out) : cgroup_v1_metrics(text, &out);
	CHECK(r == 0 && out.len > 0 && !out.failed);
	struct pb p = pb_over(out.p, out.len);
	bool memory = false;
	while (pb_next(&p))
		memory |= pb_is(&p, 4, PB_BYTES);
	CHECK(!p.bad && memory);
	free(text);
	buf_free(&out);
}

static void rdma_lines(void)
{
	struct buf out = {0};
	cgroup_put_rdma(&out, 1, "mlx4_0 hca_handle=2 hca_object=max\nbad line\n");
	struct pb p = pb_over(out.p, out.len), e;
	CHECK(pb_next(&p) && pb_is(&p, 1, PB_BYTES));
	e = pb_over(p.data, p.len);
	CHECK(pb_next(&e) && e.len == 6 && !memcmp(e.data, "mlx4_0", 6));
	CHECK(pb_next(&e) && e.num == 2);
	CHECK(pb_next(&e) && e.num == UINT32_MAX);
	CHECK(!pb_next(&p) && !p.bad);
	buf_free(&out);
}

void test_cgroup(void)
{
	keys_match_whole_words();
	own_metrics_can_be_read();
	rdma_lines();
	CHECK(cgroup_dir("garbage", "memory") == NULL);
	CHECK(cgroup_of(-1) == NULL);
}
