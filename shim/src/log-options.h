/*
 * What a log URI asks for: cri:///path?..., json:///path?... (both ours) or file:///path, whose query is ignored as
 * containerd's shim ignores it.
 */
#pragma once
#include "buf.h"

enum log_format {
	LOG_RAW,  /* bytes as they come */
	LOG_CRI,  /* <RFC 3339, nanoseconds> <stdout|stderr> <F|P> <line> */
	LOG_JSON  /* {"log":"<line>\n","stream":"...","time":"..."}, as Docker's json-file */
};

struct log_options {
	enum log_format format;
	char *path;
	uint64_t max_size;  /* bytes of one file before it is rotated; 0: never */
	unsigned max_files; /* kept at most, the one being written included */
	char *attach;       /* path of the attach socket; NULL: none */
};

enum { LOG_FILES_MAX = 1000 };

/* False with *error set when the URI is malformed or has an option that does not exist. */
bool log_options_parse(struct log_options *o, const char *uri, struct buf *error);
void log_options_free(struct log_options *o);
