/*
 * The encoded statistics of recorded cgroups: beneath a fixture, proc/NAME/cgroup says where the processes of a
 * container are and proc/NAME/metrics which fields must come of it, every one of them and no other.
 */
#include <stdlib.h>

#include "cgroup-file.h"
#include "cgroup.h"
#include "check.h"
#include "file.h"
#include "metrics.h"

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);
	for (const char *p = text; (p = strstr(p, line)); p++)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return true;
	return false;
}

/* Every line of a must be one of b. */
static void lines_within(const char *name, const char *what, struct buf *a, struct buf *b)
{
	struct buf copy = {0};
	buf_add(&copy, a->p, a->len);
	buf_cstr(&copy);
	char *at = (char *)copy.p;
	for (char *line; (line = cgroup_line(&at));) {
		bool found = has_line(buf_cstr(b), line);
		if (!found)
			fprintf(stderr, "%s: %s: %s\n", name, what, line);
		CHECK(found);
	}
	buf_free(&copy);
}

static void recorded(bool unified, const char *name)
{
	struct buf cgroup = {0}, want = {0}, bytes = {0}, got = {0};
	const char *root = unified ? FIXTURES "/cgroup-v2" : FIXTURES "/cgroup-v1";
	char dir[256];
	snprintf(dir, sizeof dir, "%s/proc/%s", root, name);
	CHECK(cgroup_text(dir, "cgroup", &cgroup) && cgroup_text(dir, "metrics", &want));
	cgroup_pretend(root, unified);
	CHECK(cgroup_unified() == unified);
	int r = (unified ? cgroup_v2_metrics : cgroup_v1_metrics)(buf_cstr(&cgroup), &bytes);
	cgroup_pretend(NULL, false);
	CHECK(!r && !bytes.failed);
	metrics_text(&got, unified ? metrics_v2 : metrics_v1, bytes.p, bytes.len);
	lines_within(name, "missing", &want, &got);
	lines_within(name, "unexpected", &got, &want);
	buf_free(&cgroup);
	buf_free(&want);
	buf_free(&bytes);
	buf_free(&got);
}

static void gone_cgroups_are_an_error(void)
{
	struct buf out = {0};
	cgroup_pretend(FIXTURES "/cgroup-v1", false);
	CHECK(cgroup_v1_metrics("8:memory:/default/gone\n7:cpu,cpuacct:/default/gone\n", &out) == -1);
	cgroup_pretend(FIXTURES "/cgroup-v2", true);
	CHECK(cgroup_v2_metrics("0::/default/gone\n", &out) == -1);
	CHECK(cgroup_v2_metrics("8:memory:/default/box\n", &out) == -1);
	CHECK(cgroup_v2_metrics("", &out) == -1);
	cgroup_pretend(NULL, false);
	buf_free(&out);
}

void test_cgroup_metrics(void)
{
	recorded(false, "box");
	recorded(false, "plain");    /* few controllers, no statistics of an elevator, spoilt lines */
	recorded(false, "only-cpu"); /* the memory cgroup has gone */
	recorded(true, "box");
	recorded(true, "bare");      /* no controller enabled */
	recorded(true, "broken");    /* spoilt lines */
	gone_cgroups_are_an_error();
}
