/* Starts a program with exactly the descriptors it is meant to have. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

enum { SPAWN_FDS_MAX = 6 };

struct spawn {
	const char *file;   /* resolved path */
	const char *const *argv;
	const char *const *envp; /* NULL: our own environment */
	int fds[SPAWN_FDS_MAX]; /* become 0..nfds-1 of the child; -1 is /dev/null */
	unsigned nfds;
	bool own_group;     /* setpgid, to outlive us; else a parent-death signal (SIGKILL) is set */
};

/* The child's pid, or -1 with errno (including the errno of a failed exec). */
pid_t spawn(const struct spawn *s);
/* Finds `name` as execvp would; fresh memory, or NULL with errno. */
char *spawn_lookup(const char *name);
