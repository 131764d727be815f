#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "loop.h"
#include "runc.h"

static void stop(struct job *j)
{
	(void)j;
	loop_stop();
}

/* Runs a script as the runtime and returns what runc_error makes of its end. */
static const char *error_of(const char *dir, const char *script, const char *binary)
{
	static char text[512];
	struct options o = {0};
	struct runc r = {0};
	struct runc_call c = {0};
	struct buf b = {0}, s = {0};
	char *path = path_join(dir, "rt");
	buf_fmt(&s, "#!/bin/sh\n%s\n", script);
	CHECK(!file_write(path, 0755, s.p, s.len));
	o.binary_name = (char *)(uintptr_t)(binary ? binary : path);
	CHECK(runc_init(&r, &o, "ns", dir));
	if (!runc_run(&c, &r, (const char *[]){"create", "x", NULL}, NULL, -1, 5000, stop))
		loop_run();
	runc_error(&c, "it failed", &b);
	snprintf(text, sizeof text, "%s", buf_cstr(&b));
	job_drop(&c.job);
	runc_free(&r);
	buf_free(&b);
	buf_free(&s);
	free(path);
	return text;
}

void test_runc(void)
{
	char dir[] = "/tmp/gantry-runc-XXXXXX", want[256];
	CHECK(mkdtemp(dir) != NULL);
	char *log = path_join(dir, "log.json"), *rt = path_join(dir, "rt");
	/* argument 4 of the runtime is the log file */
	CHECK_STR(error_of(dir, "echo '{\"level\":\"error\",\"msg\":\" boom \"}' >>\"$4\"; exit 1", NULL), "it failed: boom");
	/* an error logged before the call is not this call's */
	CHECK_STR(error_of(dir, "echo oops >&2; exit 2", NULL), "it failed: exit status 2: oops\n");
	CHECK_STR(error_of(dir, "echo '{\"level\":\"warning\",\"msg\":\"w\"}' >>\"$4\"; exit 1", NULL) + 0,
		  (snprintf(want, sizeof want, "it failed: %s did not terminate successfully: exit status 1", rt), want));
	unlink(log);
	CHECK_STR(error_of(dir, "exit 0", "gantry-no-such-runtime"),
		  (snprintf(want, sizeof want,
			    "it failed: unable to retrieve OCI runtime error (open %s: No such file or directory): exec: "
			    "\"gantry-no-such-runtime\": executable file not found in $PATH", log), want));
	unlink(rt);
	CHECK(!rmdir(dir));
	free(log);
	free(rt);
}
