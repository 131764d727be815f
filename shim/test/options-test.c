#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "options.h"

static void saved_options_come_back(void)
{
	char dir[] = "/tmp/gantry-opt-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	struct buf v = {0}, any = {0}, text = {0};
	struct options o, back;
	pb_uint(&v, 1, 1);
	pb_uint(&v, 4, 1000);
	pb_str(&v, 6, "cr\"un");
	pb_str(&v, 7, "/r");
	pb_uint(&v, 9, 1);
	pb_str(&any, 1, "type.googleapis.com/containerd.runc.v1.Options");
	pb_bytes(&any, 2, v.p, v.len);
	CHECK(options_from_any(&o, any.p, any.len));
	CHECK(o.no_pivot_root && o.systemd_cgroup && o.io_uid == 1000 && !o.no_new_keyring);
	CHECK(!options_save(&o, dir));
	CHECK(options_load(&back, dir));
	CHECK_STR(back.binary_name, "cr\"un");
	CHECK_STR(back.root, "/r");
	CHECK(back.systemd_cgroup);
	char *json = path_join(dir, "options.json"), *runtime = path_join(dir, "runtime");
	CHECK(!file_read(json, 4096, &text));
	CHECK_STR(buf_cstr(&text), "{\"no_pivot_root\":true,\"io_uid\":1000,\"binary_name\":\"cr\\\"un\",\"root\":\"/r\","
				   "\"systemd_cgroup\":true}");
	options_free(&o);
	options_free(&back);
	unlink(json);
	unlink(runtime);
	CHECK(options_load(&back, dir) && !back.root);
	CHECK(!rmdir(dir));
	free(json);
	free(runtime);
	buf_free(&v);
	buf_free(&any);
	buf_free(&text);
}

void test_options(void)
{
	struct buf any = {0};
	struct options o;
	saved_options_come_back();
	CHECK(options_from_any(&o, NULL, 0));
	pb_str(&any, 1, "other.Options");
	pb_str(&any, 2, "x");
	CHECK(!options_from_any(&o, any.p, any.len));
	CHECK(!options_from_any(&o, (const uint8_t *)"\x0a\xff", 2));
	buf_free(&any);
}
