#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fifo.h"
#include "file.h"

void test_fifo(void)
{
	char dir[] = "/tmp/gantry-fifo-XXXXXX";
	CHECK(mkdtemp(dir) != NULL);
	char *fifo = path_join(dir, "f"), *plain = path_join(dir, "p");
	CHECK(!mkfifo(fifo, 0600));
	CHECK(!file_write(plain, 0600, "x", 1));
	errno = 0;
	CHECK(fifo_open(fifo, O_WRONLY) < 0 && errno == ENXIO);
	int r = fifo_open(fifo, O_RDONLY), w = fifo_open(fifo, O_WRONLY);
	CHECK(r >= 0 && w >= 0);
	CHECK(fcntl(w, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(w, F_GETFL) & O_NONBLOCK);
	errno = 0;
	CHECK(fifo_open(plain, O_WRONLY) < 0 && errno == EINVAL);
	errno = 0;
	CHECK(fifo_open("/dev/null", O_WRONLY) < 0 && errno == EINVAL);
	CHECK(fifo_open("/nonexistent/x", O_WRONLY) < 0);
	close(r);
	close(w);
	unlink(fifo);
	unlink(plain);
	rmdir(dir);
	free(fifo);
	free(plain);
}
