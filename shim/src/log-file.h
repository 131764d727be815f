/*
 * A log on disk: appended, rotated by size (path, path.1, path.2, ...), opened again on request. A write that fails
 * never stops anything: what could not be written is dropped in whole lines and counted, and the next write is tried as
 * if nothing had been.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct log_file {
	const char *path; /* of the owner */
	int fd;           /* -1: closed */
	bool lines;       /* whole lines only: undo and rotation cut after '\n' */
	bool regular;
	uint64_t size, max_size;
	unsigned max_files;
	uint64_t written, lost; /* bytes, since the log was opened */
	uint64_t lost_now;      /* bytes lost since the last that were written */
	uint64_t errors;
	int last_error;         /* errno; 0: never */
};

/* Opens or makes f->path, and directories above it. 0, or -1 with errno (EINVAL: lines, but no regular file). */
int log_file_open(struct log_file *f, const char *path, bool lines, uint64_t max_size, unsigned max_files);
/* Appends; `data` is whole lines if f->lines. False when some of it was lost. */
bool log_file_write(struct log_file *f, const uint8_t *data, size_t len);
/* Goes on in a file freshly opened at the path (somebody has renamed the old one). On failure the old one stays: -1. */
int log_file_reopen(struct log_file *f);
void log_file_close(struct log_file *f);
