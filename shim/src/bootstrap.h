/* What `start` gets on stdin and answers on stdout. */
#pragma once
#include <stdbool.h>

#include "buf.h"
#include "options.h"

enum { BOOTSTRAP_STDIN_MAX = 10 << 20 };

struct bootstrap {
	bool params;            /* stdin was BootstrapParams (containerd 2.3 and later) */
	bool debug;
	char *grpc_address, *ttrpc_address, *socket_dir; /* from BootstrapParams; NULL when absent */
	struct options options; /* runtime options, from either form */
};

/*
 * Empty input: nothing. BootstrapParams are known by their identity: instance_id and namespace equal to the flags.
 * Anything else is the Any of runtime options; an Any of another type is not ours to judge and is ignored.
 */
void bootstrap_parse(struct bootstrap *b, const uint8_t *in, size_t len, const char *id, const char *ns);
/* Appends the answer: BootstrapResult for params, else the plain address. */
void bootstrap_answer(const struct bootstrap *b, const char *address, struct buf *out);
void bootstrap_free(struct bootstrap *b);
