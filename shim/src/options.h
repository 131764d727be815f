/* containerd.runc.v1.Options: how the OCI runtime is to be run. */
#pragma once
#include <stdbool.h>

#include "pb.h"

struct options {
	bool no_pivot_root, no_new_keyring, systemd_cgroup;
	char *shim_cgroup, *binary_name, *root; /* NULL or non-empty */
	uint32_t io_uid, io_gid;
	char *criu_image_path, *criu_work_path;
};

/*
 * Reads a google.protobuf.Any holding Options. An empty Any gives defaults; an Any of another type is refused.
 * False when malformed or of another type; `o` is valid (and must be freed) either way.
 */
bool options_from_any(struct options *o, const uint8_t *any, size_t len);
/* Writes <bundle>/options.json (0600) and <bundle>/runtime, which `delete` reads. 0, or -1 with errno. */
int options_save(const struct options *o, const char *bundle);
/* Reads <bundle>/options.json; a missing file gives defaults. False when malformed. */
bool options_load(struct options *o, const char *bundle);
void options_free(struct options *o);
