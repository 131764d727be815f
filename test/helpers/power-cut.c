/*
 * Cuts a mounted file system off its device as a power cut would.
 *
 *   test-power-cut MOUNTPOINT
 *
 * What has not been synced is dropped, the journal is not flushed, and every later access fails until the file system is
 * unmounted. ioctl EXT4_IOC_SHUTDOWN of ext4(5), which XFS has under the same number; needs root.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define IOC_SHUTDOWN _IOR('X', 125, unsigned int)

/* Do not write out the journal either. */
static const unsigned int no_log_flush = 2;

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: test-power-cut MOUNTPOINT\n");
		return 2;
	}
	int fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, IOC_SHUTDOWN, &no_log_flush) < 0) {
		perror(argv[1]);
		return 1;
	}
	close(fd);
	return 0;
}
