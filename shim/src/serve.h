/* The serving process: everything wired together, and its end. */
#pragma once
#include "args.h"

/* Serves on fd 3 (or a->socket) until Shutdown; the exit code. */
int serve_main(const struct args *a);
/* Ends the process once answers and events are out, or after a few seconds. */
void serve_stop(void);
