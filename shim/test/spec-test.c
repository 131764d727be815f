#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "spec.h"

static char dir[] = "/tmp/gantry-spec-XXXXXX";

static int read_text(struct spec *s, const char *text)
{
	char *path = path_join(dir, "config.json");
	CHECK(!file_write(path, 0600, text, strlen(text)));
	int r = spec_read(s, dir);
	unlink(path);
	free(path);
	return r;
}

static void check_group(const char *text, const char *group, bool own_pid_ns)
{
	struct spec s;
	CHECK(!read_text(&s, text));
	CHECK(group ? s.group && !strcmp(s.group, group) : !s.group);
	CHECK(s.own_pid_ns == own_pid_ns);
	spec_free(&s);
}

static void process_terminal_is_set(void)
{
	struct buf b = {0};
	const char *in = "{\"args\":[\"a\",\"\\\"}\"],\"terminal\":true,\"user\":{\"terminal\":1}}";
	CHECK(spec_process((const uint8_t *)in, strlen(in), false, &b));
	CHECK_STR(buf_cstr(&b), "{\"terminal\":false,\"args\":[\"a\",\"\\\"}\"],\"user\":{\"terminal\":1}}");
	b.len = 0;
	CHECK(spec_process((const uint8_t *)"{}", 2, true, &b));
	CHECK_STR(buf_cstr(&b), "{\"terminal\":true}");
	b.len = 0;
	CHECK(!spec_process((const uint8_t *)"[]", 2, true, &b));
	CHECK(!spec_process((const uint8_t *)"{}x", 3, true, &b));
	CHECK(!spec_process(NULL, 0, true, &b));
	buf_free(&b);
}

void test_spec(void)
{
	struct spec s;
	CHECK(mkdtemp(dir) != NULL);
	check_group("{\"annotations\":{\"io.kubernetes.cri.sandbox-id\":\"sb\",\"io.containerd.runc.v2.group\":\"g\"}}", "g",
		    false);
	check_group("{\"annotations\":{\"io.kubernetes.cri.sandbox-id\":\"sb\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
		    "{\"type\":\"pid\"}]}}", "sb", true);
	check_group("{\"linux\":{\"x\":1,\"namespaces\":[{\"path\":\"/proc/1/ns/pid\",\"type\":\"pid\"}]}}", NULL, false);
	check_group("{\"annotations\":null,\"linux\":null}", NULL, false);
	CHECK(!read_text(&s, "{\"linux\":{\"cgroupsPath\":\"/a/b\",\"namespaces\":[]}}"));
	CHECK_STR(s.cgroups_path, "/a/b");
	spec_free(&s);
	CHECK(read_text(&s, "{\"annotations\":{") == -1 && errno == EINVAL);
	spec_free(&s);
	CHECK(spec_read(&s, dir) == -1 && errno == ENOENT);
	spec_free(&s);
	rmdir(dir);
	process_terminal_is_set();
}
