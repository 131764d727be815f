/* What becomes of a container's execs and state when another shim takes it over. */
#pragma once
#include "container.h"

/* Execs do not outlive their shim: those still running are killed, and the end of each is told. */
void adopt_execs(struct container *c);
/* The state of a living init as the runtime and the kernel show it: created, running or paused. */
enum proc_state adopt_state(const struct container *c);
