/* The queue of events for the daemon, and the ttrpc client that delivers them in order, one at a time. */
#pragma once
#include <stdbool.h>

#include "buf.h"

enum { EVENTS_MAX = 2048 };

/* address: the daemon's ttrpc socket, a path or unix:// URI; events carry namespace `ns`. */
void publisher_init(const char *address, const char *ns);
/* Queues one event and takes over its bytes. Never fails: over the bound the oldest unimportant event is dropped. */
void publisher_send(const char *topic, const char *type, struct buf *event);
bool publisher_empty(void);
