/* The command line, in the syntax of Go's flag package. */
#pragma once
#include <stdbool.h>

enum action { ACTION_SERVE, ACTION_START, ACTION_DELETE };

struct args {
	const char *ns, *id, *address, *publish_binary, *bundle, *socket; /* "" when not given */
	bool debug, version, info;
	enum action action;
	char error[160]; /* why parsing failed */
};

/* False with `error` set when a flag is unknown, lacks its value, or the action is unknown. */
bool args_parse(struct args *a, int argc, const char *const *argv);
