/*
 * The attach socket of one process: any number of clients (ATTACH_CLIENTS_MAX) see its output and may write its input.
 * It is in the shim, so that it does not depend on a daemon. Nobody who reads slowly holds the process up: a client
 * that is more than the ring behind loses the oldest output and is told how much.
 *
 * Frames, both ways: type (1 byte), 3 zero bytes, length of what follows (4 bytes, big-endian), at most
 * ATTACH_FRAME_MAX. The shim speaks first.
 *
 *   from the shim                                     to the shim
 *   0 hello: version, flags (1 terminal, 2 input)     0 hello: version, flags (1 replay)
 *   1 output, 2 error output                          1 input
 *   3 skipped: number of bytes (8, big-endian)        2 size: columns, rows (2 each, big-endian)
 *   4 end of the output, then the socket closes
 *   5 refused: text, then the socket closes
 *
 * The end of the input comes by the task service's CloseIO, which waits for what the clients have sent.
 */
#pragma once
#include "loop.h"
#include "ring.h"

enum { ATTACH_VERSION = 1, ATTACH_CLIENTS_MAX = 64, ATTACH_FRAME_MAX = 32 << 10 };
enum { ATTACH_STDOUT = 1, ATTACH_STDERR = 2 };

struct attach_client;

struct attach {
	char *path; /* of the socket */
	struct watch listener;
	struct attach_client *clients;
	unsigned nclients;
	struct ring ring;
	bool terminal, has_input;
	int *in_fd;  /* where input goes; *in_fd -1: nowhere. Not owned, non-blocking */
	int *tty_fd; /* the terminal, for its size; *tty_fd -1: none. Not owned */
	struct watch in_watch;
	bool in_over; /* the input is closed when all that was sent before is written */
	bool ended;
	void (*close_input)(struct attach *a); /* has to close *in_fd */
};

/* Listens at path (directory 0700, socket 0600). 0, or -1 with errno; EADDRINUSE: something listens there. */
int attach_open(struct attach *a, const char *path);
/* Output goes to the clients and into the replay. */
void attach_output(struct attach *a, unsigned stream, const uint8_t *data, size_t len);
/* No more output will come: clients are told when they have read all, then dropped. */
void attach_end(struct attach *a);
/* No more input: what clients have sent is written, then close_input is called (without a terminal). */
void attach_end_input(struct attach *a);
/* Drops all clients and removes the socket. Idempotent, also on a zeroed struct. */
void attach_close(struct attach *a);
