/*
 * What clients ask for in options: the runtime's, a checkpoint's, a log's, a mount's, the command line's. The runtime's
 * options come back from the bundle as they were saved, whatever bytes their texts have.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "checkpoint-options.h"
#include "file.h"
#include "log-options.h"
#include "mount.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char bundle[] = "/dev/shm/gantry-fuzz-XXXXXX";

static void in_bundle(const char *name, void (*fn)(const char *path))
{
	char path[64] = "";
	strcat(strcat(strcpy(path, bundle), "/"), name);
	fn(path);
}

static void drop(const char *path)
{
	unlink(path);
}

static void drop_bundle(void)
{
	in_bundle("options.json", drop);
	in_bundle("runtime", drop);
	rmdir(bundle);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void runtime_options(const uint8_t *value, size_t size)
{
	struct buf raw = {0}, any = {0};
	struct pb field;
	struct options o = {0}, again;
	buf_add(&raw, value, size);
	pb_any(&any, 1, "containerd.runc.v1.Options", &raw);
	field = pb_over(any.p, any.len);
	if (pb_next(&field) && options_from_any(&o, field.data, field.len) && !options_save(&o, bundle)) {
		if (!options_load(&again, bundle) || !same(o.binary_name, again.binary_name) || !same(o.root, again.root) ||
		    o.systemd_cgroup != again.systemd_cgroup)
			abort();
		options_free(&again);
	}
	options_free(&o);
	struct checkpoint_options c;
	any.len = 0;
	pb_any(&any, 1, "containerd.runc.v1.CheckpointOptions", &raw);
	field = pb_over(any.p, any.len);
	if (pb_next(&field))
		checkpoint_options_from_any(&c, field.data, field.len), checkpoint_options_free(&c);
	buf_free(&raw);
	buf_free(&any);
}

static void foreign(const uint8_t *data, size_t size)
{
	struct options o;
	struct checkpoint_options c;
	options_from_any(&o, data, size);
	options_free(&o);
	checkpoint_options_from_any(&c, data, size);
	checkpoint_options_free(&c);
	char path[64] = "";
	strcat(strcpy(path, bundle), "/options.json");
	if (!file_write(path, 0600, data, size))
		options_load(&o, bundle), options_free(&o);
}

/* The text as a log's URI, and cut at its line ends as options of a mount and as a command line. */
static void texts(char *text)
{
	struct log_options l = {0};
	struct buf error = {0};
	if (!log_options_parse(&l, text, &error) && !error.len)
		abort();
	log_options_free(&l);
	buf_free(&error);
	struct mount_options m = {0};
	const char *argv[17] = {"shim"};
	int argc = 1;
	for (char *save, *word = strtok_r(text, "\n", &save); word; word = strtok_r(NULL, "\n", &save)) {
		mount_option(&m, word);
		if (argc < 16)
			argv[argc++] = word;
	}
	mount_type(&m, argv[argc - 1]);
	mount_options_free(&m);
	struct args a;
	args_parse(&a, argc, argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	if (!ready && (!mkdtemp(bundle) || atexit(drop_bundle)))
		return 0;
	ready = true;
	runtime_options(data, size);
	foreign(data, size);
	char *text = malloc(size + 1);
	if (text) {
		memcpy(text, data, size);
		text[size] = 0;
		texts(text);
	}
	free(text);
	return 0;
}
