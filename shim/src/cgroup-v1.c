#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup-file.h"
#include "cgroup.h"
#include "file.h"

static void put_sub(struct buf *out, uint32_t field, struct buf *sub)
{
	pb_message(out, field, sub);
	buf_free(sub);
}

static void put_hugepage(const char *size, const char *dir, struct buf *out)
{
	static const struct kv_field files[] = {{"usage_in_bytes", 1}, {"max_usage_in_bytes", 2}, {"failcnt", 3}};
	struct buf e = {0};
	for (size_t i = 0; i < 3; i++) {
		char name[80];
		uint64_t v;
		snprintf(name, sizeof name, "hugetlb.%s.%s", size, files[i].key);
		cgroup_number(dir, name, 0, &v);
		pb_uint(&e, files[i].field, v);
	}
	pb_str(&e, 4, size);
	put_sub(out, 1, &e);
}

static void put_pids(const char *dir, struct buf *out)
{
	struct buf e = {0};
	uint64_t v;
	cgroup_number(dir, "pids.current", 0, &v);
	pb_uint(&e, 1, v);
	cgroup_number(dir, "pids.max", 0, &v);
	pb_uint(&e, 2, v);
	put_sub(out, 2, &e);
}

/* Clock ticks to nanoseconds; whole seconds apart, as the product overflows after some years of processor time. */
static uint64_t ticks_ns(uint64_t ticks)
{
	enum { NS = 1000000000 };
	long value = sysconf(_SC_CLK_TCK);
	uint64_t hz = value > 0 ? (uint64_t)value : 100;
	return ticks / hz * NS + ticks % hz * NS / hz;
}

static void put_usage(const char *dir, struct buf *out)
{
	struct buf text = {0}, packed = {0};
	uint64_t v;
	cgroup_number(dir, "cpuacct.usage", 0, &v);
	pb_uint(out, 1, v);
	if (cgroup_text(dir, "cpuacct.stat", &text)) {
		pb_uint(out, 2, ticks_ns(cgroup_key(buf_cstr(&text), "system")));
		pb_uint(out, 3, ticks_ns(cgroup_key(buf_cstr(&text), "user")));
	}
	if (cgroup_text(dir, "cpuacct.usage_percpu", &text)) {
		char *p = (char *)text.p, *end;
		for (uint64_t n; (n = strtoull(p, &end, 10), end != p); p = end) {
			for (; n >= 0x80; n >>= 7)
				buf_byte(&packed, (uint8_t)(n | 0x80));
			buf_byte(&packed, (uint8_t)n);
		}
		pb_bytes(out, 4, packed.p, packed.len);
	}
	buf_free(&packed);
	buf_free(&text);
}

/* False when neither controller is there; the message is written all the same. */
static bool put_cpu(const char *cgroup, struct buf *out)
{
	static const struct kv_field throttle_keys[] = {{"nr_periods", 1}, {"nr_throttled", 2}, {"throttled_time", 3}};
	struct buf cpu = {0}, usage = {0}, throttle = {0}, text = {0};
	char *acct = cgroup_dir(cgroup, "cpuacct"), *dir = cgroup_dir(cgroup, "cpu");
	if (acct)
		put_usage(acct, &usage);
	if (dir && cgroup_text(dir, "cpu.stat", &text))
		cgroup_put_keys(&throttle, buf_cstr(&text), throttle_keys, 3);
	put_sub(&cpu, 1, &usage);
	put_sub(&cpu, 2, &throttle);
	put_sub(out, 3, &cpu);
	bool any = acct || dir;
	buf_free(&text);
	free(acct);
	free(dir);
	return any;
}

static void put_memory_entry(const char *dir, const char *module, uint32_t field, struct buf *out)
{
	static const struct kv_field files[] = {
		{"limit_in_bytes", 1}, {"usage_in_bytes", 2}, {"max_usage_in_bytes", 3}, {"failcnt", 4}};
	struct buf e = {0};
	for (size_t i = 0; i < 4; i++) {
		char name[80];
		uint64_t v;
		snprintf(name, sizeof name, "memory.%s%s", module, files[i].key);
		cgroup_number(dir, name, 0, &v);
		pb_uint(&e, files[i].field, v);
	}
	put_sub(out, field, &e);
}

static void put_memory(const char *dir, struct buf *out)
{
	static const char *const keys[] = {
		"cache", "rss", "rss_huge", "mapped_file", "dirty", "writeback", "pgpgin", "pgpgout", "pgfault",
		"pgmajfault", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable",
		"hierarchical_memory_limit", "hierarchical_memsw_limit", "total_cache", "total_rss", "total_rss_huge",
		"total_mapped_file", "total_dirty", "total_writeback", "total_pgpgin", "total_pgpgout", "total_pgfault",
		"total_pgmajfault", "total_inactive_anon", "total_active_anon", "total_inactive_file",
		"total_active_file", "total_unevictable"};
	static const struct kv_field oom_keys[] = {{"oom_kill_disable", 1}, {"under_oom", 2}, {"oom_kill", 3}};
	struct buf text = {0}, memory = {0}, oom = {0};
	if (cgroup_text(dir, "memory.stat", &text)) {
		/* Field numbers follow the order of the list, from 1. */
		for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++)
			pb_uint(&memory, i + 1, cgroup_key(buf_cstr(&text), keys[i]));
		put_memory_entry(dir, "", 33, &memory);
		put_memory_entry(dir, "memsw.", 34, &memory);
		put_memory_entry(dir, "kmem.", 35, &memory);
		put_memory_entry(dir, "kmem.tcp.", 36, &memory);
		put_sub(out, 4, &memory);
	}
	if (cgroup_text(dir, "memory.oom_control", &text)) {
		cgroup_put_keys(&oom, buf_cstr(&text), oom_keys, 3);
		put_sub(out, 9, &oom);
	}
	buf_free(&text);
}

/* The name of a block device from /proc/partitions; "" when unknown. */
static void device_name(const char *partitions, uint64_t major, uint64_t minor, char out[72])
{
	*out = 0;
	for (const char *p = partitions; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		unsigned long long ma, mi, blocks;
		char name[65];
		if (sscanf(p, "%llu %llu %llu %64s", &ma, &mi, &blocks, name) == 4 && ma == major && mi == minor) {
			snprintf(out, 72, "/dev/%s", name);
			return;
		}
	}
}

static void put_blkio_entry(uint32_t field, const char *partitions, const char *line, struct buf *out)
{
	unsigned long long major, minor, value;
	char op[33] = "", device[72];
	if (sscanf(line, "%llu:%llu %llu", &major, &minor, &value) != 3 &&
	    sscanf(line, "%llu:%llu %32s %llu", &major, &minor, op, &value) != 4)
		return;
	struct buf e = {0};
	device_name(partitions, major, minor, device);
	pb_str(&e, 1, op);
	pb_str(&e, 2, device);
	pb_uint(&e, 3, major);
	pb_uint(&e, 4, minor);
	pb_uint(&e, 5, value);
	put_sub(out, field, &e);
}

/* Lines "MAJOR:MINOR [OP] VALUE"; what else there is, like the line "Total VALUE", is left out. */
static void put_blkio(const char *dir, const char *name, uint32_t field, const char *partitions, struct buf *out)
{
	struct buf text = {0};
	char *at = cgroup_text(dir, name, &text) ? (char *)text.p : NULL;
	for (char *line; (line = cgroup_line(&at));)
		put_blkio_entry(field, partitions, line, out);
	buf_free(&text);
}

static void put_block_io(const char *dir, struct buf *out)
{
	static const struct kv_field files[] = {
		{"blkio.io_service_bytes_recursive", 1}, {"blkio.io_serviced_recursive", 2},
		{"blkio.io_queued_recursive", 3}, {"blkio.io_service_time_recursive", 4},
		{"blkio.io_wait_time_recursive", 5}, {"blkio.io_merged_recursive", 6},
		{"blkio.time_recursive", 7}, {"blkio.sectors_recursive", 8}};
	struct buf io = {0}, partitions = {0};
	char *proc = cgroup_host_path("/proc");
	if (proc)
		cgroup_text(proc, "partitions", &partitions);
	free(proc);
	const char *devices = buf_cstr(&partitions);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put_blkio(dir, files[i].key, files[i].field, devices, &io);
	if (!io.len) {
		put_blkio(dir, "blkio.throttle.io_serviced", 2, devices, &io);
		put_blkio(dir, "blkio.throttle.io_service_bytes", 1, devices, &io);
	}
	put_sub(out, 5, &io);
	buf_free(&partitions);
}

static void put_rdma(const char *dir, struct buf *out)
{
	struct buf rdma = {0};
	if (cgroup_put_rdma(&rdma, 1, dir, "rdma.current")) {
		cgroup_put_rdma(&rdma, 2, dir, "rdma.max");
		pb_message(out, 6, &rdma);
	}
	buf_free(&rdma);
}

static void put_hugetlb(const char *dir, struct buf *out)
{
	cgroup_each_hugepage(put_hugepage, dir, out);
}

int cgroup_v1_metrics(const char *cgroup, struct buf *out)
{
	static const struct {
		const char *controller;
		void (*put)(const char *dir, struct buf *out);
	} parts[] = {{"hugetlb", put_hugetlb}, {"pids", put_pids}, {"memory", put_memory}, {"blkio", put_block_io},
		     {"rdma", put_rdma}};
	bool any = false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char *dir = cgroup_dir(cgroup, parts[i].controller);
		if (dir)
			parts[i].put(dir, out);
		any |= dir != NULL;
		free(dir);
	}
	any |= put_cpu(cgroup, out);
	return any ? 0 : -1;
}
