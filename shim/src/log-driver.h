/* What becomes of the output of one process in a log of ours: records in a file, and copies for attached clients. */
#pragma once
#include "attach.h"
#include "log-file.h"
#include "log-lines.h"

struct log_driver {
	struct log_options options;
	struct log_file file;
	struct log_lines lines[2];
	struct attach attach; /* attach.path NULL: none */
	uint64_t read;        /* bytes that came from the process */
};

/* Opens the log of a file://, cri:// or json:// URI; NULL with *error set on failure (errno EINVAL: the URI). */
struct log_driver *log_driver_open(const char *uri, struct buf *error);
/* stream: ATTACH_STDOUT or ATTACH_STDERR. Never waits and never fails. */
void log_driver_put(struct log_driver *d, unsigned stream, const uint8_t *data, size_t len);
/* No more will come: unfinished lines are written. Idempotent. */
void log_driver_end(struct log_driver *d);
/* Frees everything, after log_driver_end. */
void log_driver_close(struct log_driver *d);
