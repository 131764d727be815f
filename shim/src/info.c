#include "info.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootstrap.h"
#include "file.h"
#include "job.h"
#include "json.h"
#include "pb.h"

enum { FEATURES_TIMEOUT_MS = 10000 };

static void on_done(struct job *j)
{
	(void)j;
	loop_stop();
}

/* Old runtimes do not know the verb; then there simply are no features to tell. */
static void put_features(struct buf *out, const char *file, const char *binary)
{
	struct job j;
	const char *argv[] = {binary, "features", NULL};
	struct spawn s = {.file = file, .argv = argv, .fds = {-1, -1, -1}, .nfds = 3};
	if (job_start(&j, &s, true, FEATURES_TIMEOUT_MS, on_done))
		return;
	loop_run();
	struct json text = json_over((const char *)j.out.p, j.out.len);
	if (!j.status && j.out.len && json_skip_value(&text) && json_next(&text) == JSON_END)
		pb_any(out, 4, "types.containerd.io/opencontainers/runtime-spec/1/features/Features", &j.out);
	job_drop(&j);
}

int info_main(void)
{
	struct buf in = {0}, out = {0}, version = {0};
	struct options o = {0};
	if (file_read_fd(STDIN_FILENO, BOOTSTRAP_STDIN_MAX, &in) || loop_init() || reap_init()) {
		fprintf(stderr, "containerd-shim-gantry-v1: info: %s\n", strerror(errno));
		return 1;
	}
	bool ours = in.len && options_from_any(&o, in.p, in.len);
	const char *binary = o.binary_name ? o.binary_name : "runc";
	char *file = spawn_lookup(binary);
	pb_str(&out, 1, "io.containerd.gantry.v1");
	pb_str(&version, 1, GANTRY_VERSION);
	pb_message(&out, 2, &version);
	if (ours)
		pb_message(&out, 3, &in);
	int r = 1;
	if (!file) {
		fprintf(stderr, "containerd-shim-gantry-v1: failed to look up the path of \"%s\": %s\n", binary, strerror(errno));
	} else {
		put_features(&out, file, binary);
		r = write(STDOUT_FILENO, out.p, out.len) == (ssize_t)out.len ? 0 : 1;
	}
	free(file);
	options_free(&o);
	buf_free(&in);
	buf_free(&out);
	buf_free(&version);
	return r;
}
