/* The bundle's task.pb (gantry.shim.v1.TaskRecord): what another shim needs to take a container over from this one. */
#pragma once
#include "container.h"

/* Of gantry.shim.v1; a change that an older daemon or shim would misunderstand makes it greater. */
enum { INTERFACE_VERSION = 1 };

/* Writes it. create: the CreateTaskRequest. 0, or -1 with errno. */
int record_write(const struct container *c, const void *create, size_t len);
/* The same when a container that was created without a process has got one. */
int record_renew(const struct container *c);
void record_remove(const struct container *c);
