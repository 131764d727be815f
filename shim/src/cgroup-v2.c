#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup-file.h"
#include "cgroup.h"

static void put_sub(struct buf *out, uint32_t field, struct buf *sub)
{
	pb_message(out, field, sub);
	buf_free(sub);
}

static void put_number(const char *dir, const char *name, uint32_t field, struct buf *out)
{
	uint64_t v;
	cgroup_number(dir, name, UINT64_MAX, &v);
	pb_uint(out, field, v);
}

/* PSIStats from a *.pressure file: lines "some|full avg10=x avg60=x avg300=x total=n". */
static void put_pressure(const char *dir, const char *name, uint32_t field, struct buf *out)
{
	struct buf text = {0}, stats = {0};
	bool any = false;
	char *at = cgroup_text(dir, name, &text) ? (char *)text.p : NULL;
	for (char *line; (line = cgroup_line(&at));) {
		char kind[8];
		double a10, a60, a300;
		unsigned long long total;
		if (sscanf(line, "%7s avg10=%lf avg60=%lf avg300=%lf total=%llu", kind, &a10, &a60, &a300, &total) != 5)
			continue;
		uint32_t kind_field = !strcmp(kind, "some") ? 1 : !strcmp(kind, "full") ? 2 : 0;
		if (!kind_field)
			continue;
		struct buf e = {0};
		pb_double(&e, 1, a10);
		pb_double(&e, 2, a60);
		pb_double(&e, 3, a300);
		pb_uint(&e, 4, total);
		put_sub(&stats, kind_field, &e);
		any = true;
	}
	if (any)
		pb_message(out, field, &stats);
	buf_free(&stats);
	buf_free(&text);
}

static void put_cpu(const char *dir, struct buf *out)
{
	static const struct kv_field keys[] = {{"usage_usec", 1}, {"user_usec", 2}, {"system_usec", 3}, {"nr_periods", 4},
					       {"nr_throttled", 5}, {"throttled_usec", 6}, {"nr_bursts", 8},
					       {"burst_usec", 9}};
	struct buf e = {0}, text = {0};
	if (cgroup_text(dir, "cpu.stat", &text)) {
		cgroup_put_keys(&e, buf_cstr(&text), keys, sizeof keys / sizeof *keys);
		put_pressure(dir, "cpu.pressure", 7, &e);
	}
	put_sub(out, 2, &e);
	buf_free(&text);
}

static void put_memory(const char *dir, struct buf *out)
{
	static const char *const keys[] = {
		"anon", "file", "kernel_stack", "slab", "sock", "shmem", "file_mapped", "file_dirty", "file_writeback",
		"anon_thp", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable",
		"slab_reclaimable", "slab_unreclaimable", "pgfault", "pgmajfault", "workingset_refault",
		"workingset_activate", "workingset_nodereclaim", "pgrefill", "pgscan", "pgsteal", "pgactivate",
		"pgdeactivate", "pglazyfree", "pglazyfreed", "thp_fault_alloc", "thp_collapse_alloc"};
	struct buf e = {0}, text = {0};
	if (cgroup_text(dir, "memory.stat", &text)) {
		/* Field numbers follow the order of the list, from 1. */
		for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++)
			pb_uint(&e, i + 1, cgroup_key(buf_cstr(&text), keys[i]));
		put_number(dir, "memory.current", 32, &e);
		put_number(dir, "memory.max", 33, &e);
		put_number(dir, "memory.swap.current", 34, &e);
		put_number(dir, "memory.swap.max", 35, &e);
		put_number(dir, "memory.peak", 36, &e);
		put_number(dir, "memory.swap.peak", 37, &e);
		put_pressure(dir, "memory.pressure", 38, &e);
	}
	put_sub(out, 4, &e);
	buf_free(&text);
}

static void put_memory_events(const char *dir, struct buf *out)
{
	static const struct kv_field keys[] = {{"low", 1}, {"high", 2}, {"max", 3}, {"oom", 4}, {"oom_kill", 5},
					       {"oom_group_kill", 6}};
	struct buf e = {0}, text = {0};
	if (cgroup_text(dir, "memory.events", &text) && text.len) {
		cgroup_put_keys(&e, buf_cstr(&text), keys, sizeof keys / sizeof *keys);
		put_sub(out, 8, &e);
	}
	buf_free(&text);
}

/* One line is "MAJOR:MINOR key=value ..."; one without any key says nothing. */
static void put_io_entry(char *line, struct buf *out)
{
	static const struct kv_field keys[] = {{"rbytes", 3}, {"wbytes", 4}, {"rios", 5}, {"wios", 6}};
	unsigned long long major, minor;
	struct buf e = {0};
	char *rest;
	if (sscanf(line, "%llu:%llu ", &major, &minor) != 2 || !strchr(line, '='))
		return;
	pb_uint(&e, 1, major);
	pb_uint(&e, 2, minor);
	strtok_r(line, " ", &rest);
	for (char *key; (key = strtok_r(NULL, " ", &rest));) {
		char *value = strchr(key, '=');
		if (!value)
			continue;
		*value++ = 0;
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			if (!strcmp(key, keys[i].key))
				pb_uint(&e, keys[i].field, strtoull(value, NULL, 10));
	}
	put_sub(out, 1, &e);
}

static void put_io(const char *dir, struct buf *out)
{
	struct buf io = {0}, text = {0};
	char *at = cgroup_text(dir, "io.stat", &text) ? (char *)text.p : NULL;
	for (char *line; (line = cgroup_line(&at));)
		put_io_entry(line, &io);
	put_pressure(dir, "io.pressure", 2, &io);
	put_sub(out, 6, &io);
	buf_free(&text);
}

static void put_rdma(const char *dir, struct buf *out)
{
	struct buf e = {0};
	cgroup_put_rdma(&e, 1, dir, "rdma.current");
	cgroup_put_rdma(&e, 2, dir, "rdma.max");
	put_sub(out, 5, &e);
}

static void put_hugepage(const char *size, const char *dir, struct buf *out)
{
	char name[80];
	struct buf e = {0}, text = {0};
	snprintf(name, sizeof name, "hugetlb.%s.current", size);
	put_number(dir, name, 1, &e);
	snprintf(name, sizeof name, "hugetlb.%s.max", size);
	put_number(dir, name, 2, &e);
	pb_str(&e, 3, size);
	snprintf(name, sizeof name, "hugetlb.%s.events", size);
	if (cgroup_text(dir, name, &text))
		pb_uint(&e, 4, cgroup_key(buf_cstr(&text), "max"));
	put_sub(out, 7, &e);
	buf_free(&text);
}

int cgroup_v2_metrics(const char *cgroup, struct buf *out)
{
	char *dir = cgroup_dir(cgroup, "");
	if (!dir)
		return -1;
	struct buf pids = {0};
	put_number(dir, "pids.current", 1, &pids);
	put_number(dir, "pids.max", 2, &pids);
	put_sub(out, 1, &pids);
	put_cpu(dir, out);
	put_memory(dir, out);
	put_memory_events(dir, out);
	put_io(dir, out);
	put_rdma(dir, out);
	cgroup_each_hugepage(put_hugepage, dir, out);
	free(dir);
	return 0;
}
