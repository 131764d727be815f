#include "failpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"

const char *failpoint_directory;

void failpoint_init(void)
{
	failpoint_directory = getenv("GANTRY_SHIM_FAILPOINTS");
}

void failpoint_pass(const char *name)
{
	char *path = path_join(failpoint_directory, name);
	if (!path)
		return;
	pid_t pid = file_pid(path);
	if (!unlink(path))
		kill(pid ? pid : getpid(), SIGKILL);
	free(path);
}
