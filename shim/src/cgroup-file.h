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
/* A file holding one number; "max" gives `max`, anything else 0. False when it cannot be read. */
bool cgroup_number(const char *dir, const char *name, uint64_t max, uint64_t *out);
/* The value of `key` in "key value" lines; 0 when absent or not a number. */
uint64_t cgroup_key(const char *text, const char *key);
/* Appends each listed key's value as its field. */
void cgroup_put_keys(struct buf *out, const char *text, const struct kv_field *fields, size_t count);
/*
 * The next line of *at, ended in place, so that nothing read from it runs into the one after; NULL after the last.
 */
char *cgroup_line(char **at);
/* Huge page sizes of this host, spelt as in file names ("2MB", "1GB"): calls fn for each, in the order of the names. */
void cgroup_each_hugepage(void (*fn)(const char *size, const char *dir, struct buf *out), const char *dir,
			  struct buf *out);
/* RdmaEntry messages of the file rdma.current or rdma.max as field `field`; false when it cannot be read. */
bool cgroup_put_rdma(struct buf *out, uint32_t field, const char *dir, const char *name);
