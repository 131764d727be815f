/* The socket on which runc hands over the master of a container's terminal (SCM_RIGHTS). */
#pragma once
#include "loop.h"

struct console {
	struct watch listener, peer;
	char *dir, *path; /* private directory and the socket in it */
	int master;       /* -1 until received */
	void (*received)(struct console *c);
};

/* Creates the socket; `received` runs when the master has arrived. 0, or -1 with errno. */
int console_open(struct console *c, void (*received)(struct console *));
/* Removes the socket; a master nobody took is closed. Idempotent, also on a zeroed struct with master -1. */
void console_close(struct console *c);
