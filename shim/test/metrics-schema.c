#include "metrics.h"

#define FIELD(number, name, kind, message) {number, #name, kind, message}
#define NUMBER(number, name) FIELD(number, name, F_NUMBER, NULL)
#define DOUBLE(number, name) FIELD(number, name, F_DOUBLE, NULL)
#define TEXT(number, name) FIELD(number, name, F_TEXT, NULL)
#define PACKED(number, name) FIELD(number, name, F_PACKED, NULL)
#define MESSAGE(number, name, message) FIELD(number, name, F_MESSAGE, message)
#define MESSAGES(number, name, message) FIELD(number, name, F_MESSAGES, message)

/* io.containerd.cgroups.v1.Metrics */

static const struct metrics_field v1_hugetlb_stat[] = {
	NUMBER(1, usage), NUMBER(2, max), NUMBER(3, failcnt), TEXT(4, pagesize), {0}};

static const struct metrics_field v1_pids_stat[] = {
	NUMBER(1, current), NUMBER(2, limit), {0}};

static const struct metrics_field v1_cpu_usage[] = {
	NUMBER(1, total), NUMBER(2, kernel), NUMBER(3, user), PACKED(4, per_cpu), {0}};

static const struct metrics_field v1_throttle[] = {
	NUMBER(1, periods), NUMBER(2, throttled_periods), NUMBER(3, throttled_time), {0}};

static const struct metrics_field v1_cpu_stat[] = {
	MESSAGE(1, usage, v1_cpu_usage), MESSAGE(2, throttling, v1_throttle), {0}};

static const struct metrics_field v1_memory_entry[] = {
	NUMBER(1, limit), NUMBER(2, usage), NUMBER(3, max), NUMBER(4, failcnt), {0}};

static const struct metrics_field v1_memory_stat[] = {
	NUMBER(1, cache), NUMBER(2, rss), NUMBER(3, rss_huge), NUMBER(4, mapped_file), NUMBER(5, dirty),
	NUMBER(6, writeback), NUMBER(7, pg_pg_in), NUMBER(8, pg_pg_out), NUMBER(9, pg_fault),
	NUMBER(10, pg_maj_fault), NUMBER(11, inactive_anon), NUMBER(12, active_anon), NUMBER(13, inactive_file),
	NUMBER(14, active_file), NUMBER(15, unevictable), NUMBER(16, hierarchical_memory_limit),
	NUMBER(17, hierarchical_swap_limit), NUMBER(18, total_cache), NUMBER(19, total_rss),
	NUMBER(20, total_rss_huge), NUMBER(21, total_mapped_file), NUMBER(22, total_dirty),
	NUMBER(23, total_writeback), NUMBER(24, total_pg_pg_in), NUMBER(25, total_pg_pg_out),
	NUMBER(26, total_pg_fault), NUMBER(27, total_pg_maj_fault), NUMBER(28, total_inactive_anon),
	NUMBER(29, total_active_anon), NUMBER(30, total_inactive_file), NUMBER(31, total_active_file),
	NUMBER(32, total_unevictable), MESSAGE(33, usage, v1_memory_entry), MESSAGE(34, swap, v1_memory_entry),
	MESSAGE(35, kernel, v1_memory_entry), MESSAGE(36, kernel_tcp, v1_memory_entry), {0}};

static const struct metrics_field v1_blk_io_entry[] = {
	TEXT(1, op), TEXT(2, device), NUMBER(3, major), NUMBER(4, minor), NUMBER(5, value), {0}};

static const struct metrics_field v1_blk_io_stat[] = {
	MESSAGES(1, io_service_bytes_recursive, v1_blk_io_entry),
	MESSAGES(2, io_serviced_recursive, v1_blk_io_entry), MESSAGES(3, io_queued_recursive, v1_blk_io_entry),
	MESSAGES(4, io_service_time_recursive, v1_blk_io_entry),
	MESSAGES(5, io_wait_time_recursive, v1_blk_io_entry), MESSAGES(6, io_merged_recursive, v1_blk_io_entry),
	MESSAGES(7, io_time_recursive, v1_blk_io_entry), MESSAGES(8, sectors_recursive, v1_blk_io_entry), {0}};

static const struct metrics_field v1_rdma_entry[] = {
	TEXT(1, device), NUMBER(2, hca_handles), NUMBER(3, hca_objects), {0}};

static const struct metrics_field v1_rdma_stat[] = {
	MESSAGES(1, current, v1_rdma_entry), MESSAGES(2, limit, v1_rdma_entry), {0}};

static const struct metrics_field v1_network_stat[] = {
	TEXT(1, name), NUMBER(2, rx_bytes), NUMBER(3, rx_packets), NUMBER(4, rx_errors), NUMBER(5, rx_dropped),
	NUMBER(6, tx_bytes), NUMBER(7, tx_packets), NUMBER(8, tx_errors), NUMBER(9, tx_dropped), {0}};

static const struct metrics_field v1_cgroup_stats[] = {
	NUMBER(1, nr_sleeping), NUMBER(2, nr_running), NUMBER(3, nr_stopped), NUMBER(4, nr_uninterruptible),
	NUMBER(5, nr_io_wait), {0}};

static const struct metrics_field v1_memory_oom_control[] = {
	NUMBER(1, oom_kill_disable), NUMBER(2, under_oom), NUMBER(3, oom_kill), {0}};

const struct metrics_field metrics_v1[] = {
	MESSAGES(1, hugetlb, v1_hugetlb_stat), MESSAGE(2, pids, v1_pids_stat), MESSAGE(3, cpu, v1_cpu_stat),
	MESSAGE(4, memory, v1_memory_stat), MESSAGE(5, blkio, v1_blk_io_stat), MESSAGE(6, rdma, v1_rdma_stat),
	MESSAGES(7, network, v1_network_stat), MESSAGE(8, cgroup_stats, v1_cgroup_stats),
	MESSAGE(9, memory_oom_control, v1_memory_oom_control), {0}};

/* io.containerd.cgroups.v2.Metrics */

static const struct metrics_field v2_pids_stat[] = {
	NUMBER(1, current), NUMBER(2, limit), {0}};

static const struct metrics_field v2_psi_data[] = {
	DOUBLE(1, avg10), DOUBLE(2, avg60), DOUBLE(3, avg300), NUMBER(4, total), {0}};

static const struct metrics_field v2_psi_stats[] = {
	MESSAGE(1, some, v2_psi_data), MESSAGE(2, full, v2_psi_data), {0}};

static const struct metrics_field v2_cpu_stat[] = {
	NUMBER(1, usage_usec), NUMBER(2, user_usec), NUMBER(3, system_usec), NUMBER(4, nr_periods),
	NUMBER(5, nr_throttled), NUMBER(6, throttled_usec), MESSAGE(7, psi, v2_psi_stats), NUMBER(8, nr_bursts),
	NUMBER(9, burst_usec), {0}};

static const struct metrics_field v2_memory_stat[] = {
	NUMBER(1, anon), NUMBER(2, file), NUMBER(3, kernel_stack), NUMBER(4, slab), NUMBER(5, sock),
	NUMBER(6, shmem), NUMBER(7, file_mapped), NUMBER(8, file_dirty), NUMBER(9, file_writeback),
	NUMBER(10, anon_thp), NUMBER(11, inactive_anon), NUMBER(12, active_anon), NUMBER(13, inactive_file),
	NUMBER(14, active_file), NUMBER(15, unevictable), NUMBER(16, slab_reclaimable),
	NUMBER(17, slab_unreclaimable), NUMBER(18, pgfault), NUMBER(19, pgmajfault),
	NUMBER(20, workingset_refault), NUMBER(21, workingset_activate), NUMBER(22, workingset_nodereclaim),
	NUMBER(23, pgrefill), NUMBER(24, pgscan), NUMBER(25, pgsteal), NUMBER(26, pgactivate),
	NUMBER(27, pgdeactivate), NUMBER(28, pglazyfree), NUMBER(29, pglazyfreed), NUMBER(30, thp_fault_alloc),
	NUMBER(31, thp_collapse_alloc), NUMBER(32, usage), NUMBER(33, usage_limit), NUMBER(34, swap_usage),
	NUMBER(35, swap_limit), NUMBER(36, max_usage), NUMBER(37, swap_max_usage),
	MESSAGE(38, psi, v2_psi_stats), {0}};

static const struct metrics_field v2_rdma_entry[] = {
	TEXT(1, device), NUMBER(2, hca_handles), NUMBER(3, hca_objects), {0}};

static const struct metrics_field v2_rdma_stat[] = {
	MESSAGES(1, current, v2_rdma_entry), MESSAGES(2, limit, v2_rdma_entry), {0}};

static const struct metrics_field v2_io_entry[] = {
	NUMBER(1, major), NUMBER(2, minor), NUMBER(3, rbytes), NUMBER(4, wbytes), NUMBER(5, rios),
	NUMBER(6, wios), {0}};

static const struct metrics_field v2_io_stat[] = {
	MESSAGES(1, usage, v2_io_entry), MESSAGE(2, psi, v2_psi_stats), {0}};

static const struct metrics_field v2_huge_tlb_stat[] = {
	NUMBER(1, current), NUMBER(2, max), TEXT(3, pagesize), NUMBER(4, failcnt), {0}};

static const struct metrics_field v2_memory_events[] = {
	NUMBER(1, low), NUMBER(2, high), NUMBER(3, max), NUMBER(4, oom), NUMBER(5, oom_kill),
	NUMBER(6, oom_group_kill), {0}};

static const struct metrics_field v2_network_stat[] = {
	TEXT(1, name), NUMBER(2, rx_bytes), NUMBER(3, rx_packets), NUMBER(4, rx_errors), NUMBER(5, rx_dropped),
	NUMBER(6, tx_bytes), NUMBER(7, tx_packets), NUMBER(8, tx_errors), NUMBER(9, tx_dropped), {0}};

const struct metrics_field metrics_v2[] = {
	MESSAGE(1, pids, v2_pids_stat), MESSAGE(2, cpu, v2_cpu_stat), MESSAGE(4, memory, v2_memory_stat),
	MESSAGE(5, rdma, v2_rdma_stat), MESSAGE(6, io, v2_io_stat), MESSAGES(7, hugetlb, v2_huge_tlb_stat),
	MESSAGE(8, memory_events, v2_memory_events), MESSAGES(9, network, v2_network_stat), {0}};
