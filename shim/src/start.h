/* The `start` action: find or make the socket of the container's group, launch the serving process, say where. */
#pragma once
#include "args.h"

/* The exit code; on failure the reason is on stderr. */
int start_main(const struct args *a);
