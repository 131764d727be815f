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
	CHECK(cgroup_key("a\nb 7", "a") == 0 && cgroup_key("a \nb 7", "a") == 0 && cgroup_key("a \n7 7", "a") == 0);
	CHECK(cgroup_key("a 18446744073709551615\n", "a") == UINT64_MAX);
	CHECK(cgroup_key("a 18446744073709551616\n", "a") == 0);
	CHECK(cgroup_key("a 0x10\nb 7b\nc -3\nd max", "a") == 0);
	CHECK(cgroup_key("b 7b\nc -3\nd max", "b") == 0);
	CHECK(cgroup_key("c -3\nd max", "c") == 0);
	CHECK(cgroup_key("d max\n", "d") == UINT64_MAX && cgroup_key("d maximum\n", "d") == 0);
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

static void lines_end_where_they_end(void)
{
	char text[] = "one\n\nthree", *at = text;
	CHECK_STR(cgroup_line(&at), "one");
	CHECK_STR(cgroup_line(&at), "");
	CHECK_STR(cgroup_line(&at), "three");
	CHECK(!cgroup_line(&at) && !cgroup_line(&at));
}

static void names_are_whole(void)
{
	CHECK(cgroup_names("3:memory:/gt1c5/c5\n", "c5"));
	CHECK(cgroup_names("0::/system.slice/cri-c5.scope\n", "c5"));
	CHECK(cgroup_names("0::/ns/c5/below\n", "c5"));
	CHECK(!cgroup_names("3:memory:/gt1c5/c50\n", "c5"));
	CHECK(!cgroup_names("0::/\n", "c5"));
}

void test_cgroup(void)
{
	names_are_whole();
	keys_match_whole_words();
	own_metrics_can_be_read();
	lines_end_where_they_end();
	CHECK(cgroup_dir("garbage", "memory") == NULL);
	CHECK(cgroup_of(-1) == NULL);
}
