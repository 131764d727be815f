/* Reading the small text files of a cgroup directory. */
#pragma once
#include "pb.h"

/* One "key value" pair to field number mapping. */
struct kv_field {
	const char *key;
	uint32_t field;
};

/* The whole file as text; false when it cannot be read. Free with buf_free. */
bool cgroup_text(const char *dir, const char *name, struct buf *out);
/* A file holding one number; "max" gives `max`. False when it cannot be read. */
bool cgroup_number(const char *dir, const char *name, uint64_t max, uint64_t *out);
/* The value of `key` in "key value" lines; 0 when absent. */
uint64_t cgroup_key(const char *text, const char *key);
/* Appends each listed key's value as its field. */
void cgroup_put_keys(struct buf *out, const char *text, const struct kv_field *fields, size_t count);
/*
 * Huge page sizes of this host, spelt as in file names ("2MB", "1GB"): calls fn for each, at most 16.
 */
void cgroup_each_hugepage(void (*fn)(const char *size, const char *dir, struct buf *out), const char *dir,
			  struct buf *out);
/* RdmaEntry messages of a rdma.current or rdma.max text as field `field`. */
void cgroup_put_rdma(struct buf *out, uint32_t field, const char *text);
