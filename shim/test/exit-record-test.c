#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "exit-record.h"
#include "file.h"

void test_exit_record(void)
{
	char dir[] = "/tmp/gantry-exit-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	struct exit_record w = {77, 143, {1700000000, 5}}, r = {0};
	struct buf text = {0};
	CHECK(!exit_record_read(dir, NULL, &r));
	CHECK(exit_record_write(dir, NULL, &w) == 0);
	char *path = path_join(dir, "exit.json");
	CHECK(file_read(path, 4096, &text) == 0);
	CHECK_STR(buf_cstr(&text),
		  "{\"pid\":77,\"exit_status\":143,\"exited_at\":\"2023-11-14T22:13:20.000000005Z\"}\n");
	CHECK(exit_record_read(dir, NULL, &r));
	CHECK(r.pid == 77 && r.exit_status == 143 && r.exited_at.tv_sec == 1700000000 && r.exited_at.tv_nsec == 5);
	CHECK(file_write(path, 0600, "{\"pid\":1", 8) == 0);
	CHECK(!exit_record_read(dir, NULL, &r));
	CHECK(file_write(path, 0600, "{\"pid\":1,\"exit_status\":2}", 25) == 0);
	CHECK(!exit_record_read(dir, NULL, &r));
	CHECK(exit_record_write(dir, "e1", &w) == 0);
	char *exec = path_join(dir, "exec-e1.exit.json");
	CHECK(!access(exec, F_OK));
	exit_record_remove(dir, "e1");
	CHECK(access(exec, F_OK));
	exit_record_remove(dir, NULL);
	CHECK(!rmdir(dir)); /* no temporary file is left */
	free(path);
	free(exec);
	buf_free(&text);
}
