/* What Create and Adopt share: taking a CreateTaskRequest, the payload of the call, apart. */
#pragma once
#include "container.h"

/* Fills in what the request and the bundle say; false when the call has been answered and the container is gone. */
bool create_read(struct call *call, struct container *c);
/* Whether the request has mounts for the root file system. */
bool create_has_rootfs(const struct call *call);
