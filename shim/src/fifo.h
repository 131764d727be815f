/* Opening a client's FIFO without waiting and without trusting what the path points at. */
#pragma once

/*
 * Opens path with flags (O_RDONLY or O_WRONLY, non-blocking and close-on-exec are added). -1 with errno: EINVAL when it
 * is not a FIFO, ENXIO when it is opened for writing and nobody reads yet.
 */
int fifo_open(const char *path, int flags);
