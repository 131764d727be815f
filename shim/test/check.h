/* A test is a function named in tests.h; CHECK counts and reports, and goes on. */
#pragma once
#include <stdio.h>
#include <string.h>

extern int checks_passed, checks_failed;

#define CHECK(cond)                                                                   \
	do {                                                                          \
		if (cond) {                                                           \
			checks_passed++;                                              \
		} else {                                                              \
			checks_failed++;                                              \
			fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #cond); \
		}                                                                     \
	} while (0)

#define CHECK_STR(got, want)                                                                                    \
	do {                                                                                                    \
		const char *got_ = (got), *want_ = (want);                                                      \
		if (got_ && !strcmp(got_, want_)) {                                                             \
			checks_passed++;                                                                        \
		} else {                                                                                        \
			checks_failed++;                                                                        \
			fprintf(stderr, "%s:%d: got \"%s\", want \"%s\"\n", __FILE__, __LINE__, got_ ? got_ : "(null)", want_); \
		}                                                                                               \
	} while (0)

void test_address(void);
void test_attach(void);
void test_args(void);
void test_bootstrap(void);
void test_cgroup(void);
void test_cgroup_metrics(void);
void test_checkpoint_options(void);
void test_exit_record(void);
void test_fifo(void);
void test_json(void);
void test_log_file(void);
void test_log_lines(void);
void test_loop(void);
void test_mount(void);
void test_oom(void);
void test_options(void);
void test_orphan(void);
void test_pb(void);
void test_publisher(void);
void test_pump(void);
void test_runc(void);
void test_server(void);
void test_sha256(void);
void test_spec(void);
void test_state(void);
void test_ttrpc(void);
void test_uri(void);
