#include <stdio.h>

#include "args.h"
#include "delete.h"
#include "failpoint.h"
#include "info.h"
#include "serve.h"
#include "start.h"

int main(int argc, char **argv)
{
	struct args a;
	if (!args_parse(&a, argc, (const char *const *)argv)) {
		fprintf(stderr, "containerd-shim-gantry-v1: %s\n", a.error);
		return 2;
	}
	failpoint_init();
	if (a.version) {
		printf("%s:\n  Version:  %s\n", argv[0], GANTRY_VERSION);
		return 0;
	}
	if (a.info)
		return info_main();
	if (!*a.ns) {
		fprintf(stderr, "containerd-shim-gantry-v1: shim namespace cannot be empty\n");
		return 1;
	}
	if (a.action != ACTION_SERVE && !*a.id) {
		fprintf(stderr, "containerd-shim-gantry-v1: id cannot be empty\n");
		return 1;
	}
	return a.action == ACTION_START ? start_main(&a) : a.action == ACTION_DELETE ? delete_main(&a) : serve_main(&a);
}
