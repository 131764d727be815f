/* The serving process: everything wired together, and its end. */
#pragma once
#include "args.h"

/* Serves on fd 3 (or a->socket) until Shutdown; the exit code. */
int serve_main(const struct args *a);
/*
 * Gives up the socket at once, so that a new start makes a new shim, and ends the process when answers and events
 * are out, or after a few seconds.
 */
void serve_stop(void);
/* True after serve_stop: no new container may be begun. */
bool serve_stopping(void);
