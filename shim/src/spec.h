/* The few facts the shim takes from a bundle's config.json. */
#pragma once
#include <stdbool.h>

#include "buf.h"

struct spec {
	char *group;         /* io.containerd.runc.v2.group, else io.kubernetes.cri.sandbox-id; NULL without */
	char *cgroups_path;  /* linux.cgroupsPath; NULL without */
	bool own_pid_ns;     /* a new pid namespace: the kernel ends the other processes with init */
};

/* Reads <bundle>/config.json. 0, or -1 with errno (EINVAL: malformed). Free with spec_free. */
int spec_read(struct spec *s, const char *bundle);
void spec_free(struct spec *s);
/* Copies a process object with its "terminal" member set as given; false when it is not a JSON object. */
bool spec_process(const uint8_t *json, size_t len, bool terminal, struct buf *out);
