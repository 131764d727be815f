#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "id-map.h"
#include "mount.h"

static void options_become_flags_and_data(void)
{
	struct mount_options m = {0};
	const char *const list[] = {"rbind", "ro", "nosuid", "lowerdir=/a:/b", "userxattr", "suid", "defaults"};
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		mount_option(&m, list[i]);
	CHECK(m.flags == (MS_BIND | MS_REC | MS_RDONLY));
	CHECK_STR(buf_cstr(&m.data), "lowerdir=/a:/b,userxattr");
	mount_option(&m, "loopy");
	mount_option(&m, "loop=/dev/loop0");
	mount_type(&m, "fuse");
	mount_type(&m, "fuseblk");
	CHECK(!m.refused.len);
	CHECK_STR(buf_cstr(&m.data), "lowerdir=/a:/b,userxattr,loopy,loop=/dev/loop0");
	mount_options_free(&m);
}

static void put_mount(struct buf *msg, const char *type, const char *source, const char *a, const char *b)
{
	struct buf m = {0};
	pb_str(&m, 1, type);
	pb_str(&m, 2, source);
	pb_str(&m, 4, a);
	pb_str(&m, 4, b);
	pb_message(msg, 3, &m);
	buf_free(&m);
}

static void what_mount_cannot_do_is_refused(void)
{
	static const struct {
		const char *type, *option, *error;
		enum rpc_code code;
	} cases[] = {
		{"ext4", "loop", "mount option loop is not supported: not implemented", RPC_UNIMPLEMENTED},
		{"overlay", "uidmap=0:1000:65536", "mount options uidmap and gidmap go together: invalid argument",
		 RPC_INVALID_ARGUMENT},
		{"bind", "gidmap=0:1000", "not container-id:host-id:size: invalid argument: mount option gidmap=0:1000",
		 RPC_INVALID_ARGUMENT},
		{"fuse.sshfs", "ro", "mount type fuse.sshfs is not supported: not implemented", RPC_UNIMPLEMENTED},
		{"fuse3.fuse-overlayfs", "loop", "mount type fuse3.fuse-overlayfs is not supported: not implemented",
		 RPC_UNIMPLEMENTED},
		{"bind", "X-containerd.mkdir.path=/a",
		 "internal mount option \"X-containerd.mkdir.path=/a\" was not consumed by the mount manager", RPC_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf msg = {0}, error = {0};
		put_mount(&msg, cases[i].type, "/", cases[i].option, "rbind");
		CHECK(mount_all(msg.p, msg.len, 3, "/nonexistent", &error) == cases[i].code);
		CHECK_STR(buf_cstr(&error), cases[i].error);
		buf_free(&msg);
		buf_free(&error);
	}
	struct buf msg = {0}, error = {0}, up = {0};
	pb_str(&up, 1, "bind");
	pb_str(&up, 3, "a/../../b");
	pb_message(&msg, 3, &up);
	CHECK(mount_all(msg.p, msg.len, 3, "/nonexistent", &error) == RPC_INVALID_ARGUMENT);
	CHECK_STR(buf_cstr(&error), "malformed mount, or too many mounts or options: invalid argument");
	buf_free(&msg);
	buf_free(&error);
	buf_free(&up);
}

static void unmounting_at_once_leaves_the_end_to_a_child(void)
{
	char dir[] = "/tmp/gantry-mnt-XXXXXX";
	int status = -1;
	CHECK(mkdtemp(dir) != NULL);
	if (geteuid() == 0) {
		CHECK(!mount("none", dir, "tmpfs", 0, NULL));
		CHECK(!unmount_at_once(dir));
		CHECK(umount2(dir, MNT_DETACH) && errno == EINVAL); /* nothing is mounted there any more */
		CHECK(waitpid(-1, &status, 0) > 0 && status == 0);
	}
	CHECK(!unmount_at_once(dir)); /* nothing mounted is well, too */
	while (waitpid(-1, NULL, 0) > 0)
		;
	CHECK(!rmdir(dir));
	CHECK(!unmount_at_once(dir)); /* and nothing there at all */
}

static void read_only_binds_are_read_only(void)
{
	char dir[] = "/tmp/gantry-mnt-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	char *src = path_join(dir, "src"), *dst = path_join(dir, "dst"), *file = path_join(dst, "f");
	struct buf msg = {0}, error = {0};
	CHECK(!mkdir(src, 0755) && !mkdir(dst, 0755));
	put_mount(&msg, "bind", src, "rbind", "ro");
	if (geteuid() == 0) {
		CHECK(mount_all(msg.p, msg.len, 3, dst, &error) == RPC_OK);
		CHECK(file_write(file, 0600, "x", 1) == -1);
		CHECK(!unmount_all(dst));
		CHECK(!file_write(file, 0600, "x", 1));
		unlink(file);
	}
	CHECK(!unmount_all(dst));
	put_mount(&msg, "nosuchfs", "none", NULL, NULL);
	CHECK(mount_all(msg.p, msg.len, 3, dst, &error) == RPC_UNKNOWN && error.len);
	CHECK(!file_write(file, 0600, "x", 1)); /* the first mount was undone */
	unlink(file);
	CHECK(!rmdir(src) && !rmdir(dst) && !rmdir(dir));
	buf_free(&msg);
	buf_free(&error);
	free(src);
	free(dst);
	free(file);
}

static void maps_take_the_form_of_the_kernel(void)
{
	struct buf b = {0};
	CHECK(id_map_lines(&b, "0:100000:65536,70000:0:1"));
	CHECK_STR(buf_cstr(&b), "0 100000 65536\n70000 0 1\n");
	buf_free(&b);
	const char *const wrong[] = {"", "0", "0:1", "0:1:0", "0:1:2:3", "-1:1:1", "0:4294967295:1", "0:1:1,", "a:b:c", " 0:1:1"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf none = {0};
		CHECK(!id_map_lines(&none, wrong[i]));
		buf_free(&none);
	}
}

static void check_owner(const char *dir, const char *name, uid_t uid, gid_t gid)
{
	struct stat st = {0};
	char *path = path_join(dir, name);
	CHECK(!stat(path, &st));
	CHECK(st.st_uid == uid && st.st_gid == gid);
	free(path);
}

/* Overlays and binds show mapped owners, and only they. */
static void owners_are_mapped(const char *type, const char *option)
{
	char dir[] = "/tmp/gantry-map-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	char *a = path_join(dir, "a"), *b = path_join(dir, "b"), *dst = path_join(dir, "dst"), *file = path_join(a, "f");
	CHECK(!mkdir(a, 0755) && !mkdir(b, 0755) && !mkdir(dst, 0755) && !file_write(file, 0600, "x", 1));
	CHECK(!chown(file, 7, 8));
	struct buf msg = {0}, error = {0}, m = {0}, lower = {0};
	buf_fmt(&lower, "lowerdir=%s:%s", b, a);
	pb_str(&m, 1, type);
	pb_str(&m, 2, a);
	pb_str(&m, 4, "uidmap=0:100000:1000");
	pb_str(&m, 4, "gidmap=0:200000:1000");
	pb_str(&m, 4, option ? option : buf_cstr(&lower));
	pb_str(&m, 4, "ro");
	pb_message(&msg, 3, &m);
	CHECK(mount_all(msg.p, msg.len, 3, dst, &error) == RPC_OK);
	CHECK_STR(buf_cstr(&error), "");
	check_owner(dst, "f", 100007, 200008);
	check_owner(a, "f", 7, 8);
	char *new = path_join(dst, "new");
	CHECK(file_write(new, 0600, "x", 1) == -1);
	CHECK(!unmount_all(dst) && !unlink(file));
	/* Nothing else is left beside the target. */
	CHECK(!rmdir(a) && !rmdir(b) && !rmdir(dst) && !rmdir(dir));
	buf_free(&msg);
	buf_free(&error);
	buf_free(&m);
	buf_free(&lower);
	free(a);
	free(b);
	free(dst);
	free(file);
	free(new);
}

static void long_overlays_are_mounted(int count)
{
	char dir[] = "/tmp/gantry-ovl-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	struct buf data = {0}, msg = {0}, error = {0};
	char *dst = path_join(dir, "dst");
	CHECK(!mkdir(dst, 0755));
	buf_fmt(&data, "lowerdir=");
	for (int i = 0; i < count; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/layer-%d", dir, i);
		CHECK(!mkdir(path, 0755));
		buf_fmt(&data, "%s%s", i ? ":" : "", path);
	}
	put_mount(&msg, "overlay", "overlay", buf_cstr(&data), NULL);
	if (geteuid() == 0) {
		CHECK(data.len > 4096);
		CHECK(mount_all(msg.p, msg.len, 3, dst, &error) == RPC_OK);
		CHECK_STR(buf_cstr(&error), "");
		CHECK(!unmount_all(dst));
	}
	for (int i = 0; i < count; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/layer-%d", dir, i);
		rmdir(path);
	}
	CHECK(!rmdir(dst) && !rmdir(dir));
	buf_free(&data);
	buf_free(&msg);
	buf_free(&error);
	free(dst);
}

void test_mount(void)
{
	options_become_flags_and_data();
	what_mount_cannot_do_is_refused();
	unmounting_at_once_leaves_the_end_to_a_child();
	read_only_binds_are_read_only();
	maps_take_the_form_of_the_kernel();
	long_overlays_are_mounted(200);
	long_overlays_are_mounted(500);
	if (geteuid() == 0) {
		owners_are_mapped("bind", "rbind");
		owners_are_mapped("overlay", NULL);
	}
}
