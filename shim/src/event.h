/* The task events of containerd.events. */
#pragma once
#include "container.h"

/* rootfs: the CreateTaskRequest, whose rootfs field is copied. */
void event_create(const struct container *c, const struct call *request);
void event_start(const struct process *p);
void event_exec_added(const struct process *p);
void event_exit(const struct process *p);
void event_delete(const struct process *p);
void event_paused(const struct container *c);
void event_resumed(const struct container *c);
/* `path`: where the images are. */
void event_checkpointed(const struct container *c, const char *path);
void event_oom(const struct container *c);
