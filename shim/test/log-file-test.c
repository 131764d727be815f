#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "log-driver.h"

static char *dir;

static void write_line(struct log_file *f, const char *text)
{
	log_file_write(f, (const uint8_t *)text, strlen(text));
}

static bool holds(const char *path, const char *want)
{
	struct buf b = {0};
	bool same = !file_read(path, 1 << 20, &b) && !strcmp(buf_cstr(&b), want);
	if (!same)
		fprintf(stderr, "%s: %s\n", path, buf_cstr(&b));
	buf_free(&b);
	return same;
}

static void rotates_by_size(void)
{
	char *path = path_join(dir, "r/log"), *one = path_join(dir, "r/log.1"), *two = path_join(dir, "r/log.2");
	struct log_file f;
	struct stat st;
	CHECK(!log_file_open(&f, path, true, 10, 3));
	CHECK(!chmod(path, 0600));
	write_line(&f, "aaaa\nbbbb\ncccc\ndddd\n");
	CHECK(holds(path, "cccc\ndddd\n") && holds(one, "aaaa\nbbbb\n") && access(two, F_OK));
	/* A line longer than a file has one for itself. */
	write_line(&f, "0123456789ab\nee\n");
	CHECK(holds(path, "ee\n") && holds(one, "0123456789ab\n") && holds(two, "cccc\ndddd\n"));
	CHECK(!stat(path, &st) && (st.st_mode & 0777) == 0600);
	CHECK(f.written == 36 && !f.lost && !f.errors);
	log_file_close(&f);
	/* Opened again it goes on where it was. */
	CHECK(!log_file_open(&f, path, true, 10, 3));
	write_line(&f, "ff\n");
	CHECK(holds(path, "ee\nff\n"));
	/* A directory that takes no new file: everything stays, writing goes on, and it is counted. */
	char *fresh = path_join(dir, "r/log.new");
	CHECK(!mkdir(fresh, 0700));
	write_line(&f, "gggg\nhhhh\n");
	CHECK(f.errors && !f.lost && holds(path, "ee\nff\ngggg\nhhhh\n"));
	rmdir(fresh);
	write_line(&f, "i\n");
	CHECK(holds(path, "i\n") && holds(one, "ee\nff\ngggg\nhhhh\n"));
	log_file_close(&f);
	free(fresh);
	free(path);
	free(one);
	free(two);
}

static void keeps_one(void)
{
	char *path = path_join(dir, "single"), *one = path_join(dir, "single.1");
	struct log_file f;
	CHECK(!log_file_open(&f, path, true, 4, 1));
	write_line(&f, "aaa\nbbb\n");
	CHECK(holds(path, "bbb\n") && access(one, F_OK));
	log_file_close(&f);
	free(path);
	free(one);
}

static void opens_again(void)
{
	char *path = path_join(dir, "o"), *moved = path_join(dir, "moved");
	struct log_file f;
	CHECK(!log_file_open(&f, path, true, 0, 1));
	write_line(&f, "a\n");
	CHECK(!rename(path, moved));
	write_line(&f, "b\n");
	CHECK(!log_file_reopen(&f));
	write_line(&f, "c\n");
	CHECK(holds(moved, "a\nb\n") && holds(path, "c\n"));
	/* What cannot be opened leaves it where it was. */
	CHECK(!unlink(path) && !mkdir(path, 0700));
	CHECK(log_file_reopen(&f) == -1 && f.errors == 1 && f.last_error == EISDIR);
	CHECK(f.fd >= 0);
	rmdir(path);
	log_file_close(&f);
	errno = 0;
	CHECK(log_file_open(&f, "/dev/null", true, 0, 1) == -1 && errno == EINVAL);
	free(path);
	free(moved);
}

/* On a file system that is full only whole lines stay, the loss is counted, and with room again it goes on. */
static void full_disk(void)
{
	char *disk = path_join(dir, "disk"), *path = path_join(disk, "log"), *ballast = path_join(disk, "ballast");
	static uint8_t data[256 << 10];
	struct buf error = {0}, uri = {0}, all = {0};
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = i % 64 == 63 ? '\n' : 'x';
	if (mkdir(disk, 0700) || mount("tmpfs", disk, "tmpfs", 0, "size=1m")) {
		fprintf(stderr, "cannot mount: the test of a full disk is skipped\n");
	} else {
		buf_fmt(&uri, "json://%s", path);
		CHECK(!file_write(ballast, 0600, data, sizeof data));
		struct log_driver *d = log_driver_open(buf_cstr(&uri), &error);
		CHECK(d != NULL);
		for (int i = 0; d && i < 10; i++)
			log_driver_put(d, ATTACH_STDOUT, data, sizeof data);
		CHECK(d && d->file.lost && d->file.last_error == ENOSPC && d->read == 10 * sizeof data);
		CHECK(!unlink(ballast));
		log_driver_put(d, ATTACH_STDERR, (const uint8_t *)"again\n", 6);
		CHECK(!file_read(path, 4 << 20, &all) && all.p[all.len - 1] == '\n');
		const char *hole = strstr(buf_cstr(&all), "\n{\"log\":\"\",\"stream\":\"stderr\",\"attrs\":{\"gantry.lost_bytes\":\"");
		CHECK(hole && strstr(hole, "No space left on device") && strstr(hole, "\n{\"log\":\"again\\n\""));
		CHECK(all.len == d->file.written && !d->file.lost_now);
		log_driver_end(d);
		log_driver_close(d);
		umount(disk);
	}
	rmdir(disk);
	buf_free(&error);
	buf_free(&uri);
	buf_free(&all);
	free(disk);
	free(path);
	free(ballast);
}

static void bad_options(void)
{
	static const char *const bad[] = {
		"json://relative", "json:///a?max_size=x", "json:///a?max_size=", "json:///a?max_size=99999999999999999999",
		"json:///a?max_files=0", "cri:///a?max_files=1001", "cri:///a?unknown=1", "json:///a?attach=relative",
		"json:///a?max_size=-1", "file://relative", "json:///%zz",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf error = {0};
		errno = 0;
		CHECK(!log_driver_open(bad[i], &error) && errno == EINVAL && strstr(buf_cstr(&error), "invalid argument"));
		buf_free(&error);
	}
	struct buf error = {0};
	CHECK(!log_driver_open("json:///dev/null", &error));
	CHECK_STR(buf_cstr(&error), "open /dev/null: is not a regular file");
	buf_free(&error);
}

void test_log_file(void)
{
	char name[] = "/tmp/gantry-log-XXXXXX";
	dir = mkdtemp(name);
	rotates_by_size();
	keeps_one();
	opens_again();
	full_disk();
	bad_options();
	static const char *const left[] = {"r/log", "r/log.1", "r/log.2", "r", "single", "moved"};
	for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
		char *path = path_join(dir, left[i]);
		CHECK(!remove(path));
		free(path);
	}
	CHECK(!rmdir(dir));
}
