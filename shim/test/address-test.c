#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "check.h"
#include "file.h"

static void names_follow_containerd(void)
{
	/* sha256 of "/run/containerd/containerd.sock/default/c1", taken with sha256sum */
	char *p = address_path("/run/s", "/run/containerd/containerd.sock", "default", "c1");
	CHECK_STR(p, "/run/s/d25aa4ef11a84e954e74a5bcff06557d0b6ea8d0c00243896f29826694bbd888");
	char *q = address_path("/run/s", "/run//containerd/containerd.sock/", "default", "c1");
	CHECK(q && p && !strcmp(p, q));
	free(p);
	free(q);
	CHECK_STR(address_strip("unix:///a/b"), "/a/b");
	CHECK_STR(address_strip("/a/b"), "/a/b");
}

static void sockets_are_private_and_leftovers_replaced(void)
{
	char base[] = "/tmp/gantry-addr-XXXXXX";
	struct stat st;
	CHECK(mkdtemp(base) != NULL);
	char *dir = path_join(base, "s"), *path = path_join(dir, "sock");
	mode_t old = umask(0);
	int fd = address_listen(path);
	umask(old);
	CHECK(fd >= 0);
	CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0600);
	CHECK(!stat(dir, &st) && (st.st_mode & 07777) == 0700);
	CHECK(address_live(path));
	errno = 0;
	CHECK(address_listen(path) < 0 && errno == EADDRINUSE);
	close(fd);
	CHECK(!address_live(path));
	fd = address_listen(path);
	CHECK(fd >= 0);
	close(fd);
	unlink(path);
	rmdir(dir);
	rmdir(base);
	free(dir);
	free(path);
}

void test_address(void)
{
	names_follow_containerd();
	sockets_are_private_and_leftovers_replaced();
}
