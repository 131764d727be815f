/* Log lines to the bundle's `log` FIFO, which the daemon copies to its own log. Never blocks: a line that does not
 * fit is dropped. Without a FIFO nothing is logged. */
#pragma once
#include <stdbool.h>

/* Opens FIFO `path` for logging; anything else (missing, not a FIFO) leaves logging off. */
void log_open(const char *path, bool debug);
__attribute__((format(printf, 1, 2))) void log_warn(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *fmt, ...);
