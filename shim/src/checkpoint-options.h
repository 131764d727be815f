/* containerd.runc.v1.CheckpointOptions: what criu is to do with a container. */
#pragma once
#include <stdbool.h>

#include "pb.h"

enum { CHECKPOINT_NAMESPACES_MAX = 8 };

struct checkpoint_options {
	bool exit; /* the container ends with the checkpoint */
	bool open_tcp, external_unix_sockets, terminal, file_locks;
	char *empty_namespaces[CHECKPOINT_NAMESPACES_MAX];
	unsigned nempty;
	char *cgroups_mode, *work_path, *parent_path; /* NULL: not given */
};

/*
 * Reads a google.protobuf.Any holding CheckpointOptions; no bytes give defaults. False when malformed, of another type,
 * or with more namespaces than there are; `o` is valid (and must be freed) either way.
 */
bool checkpoint_options_from_any(struct checkpoint_options *o, const uint8_t *any, size_t len);
void checkpoint_options_free(struct checkpoint_options *o);
