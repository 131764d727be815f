/* One client at the attach socket; for attach.c only. */
#pragma once
#include <sys/types.h>

#include "attach.h"

struct attach_client {
	struct attach_client *next;
	struct attach *attach;
	struct watch watch;
	uint32_t events; /* as watched */
	/* to the client */
	bool greeted;     /* its hello has come: output flows */
	bool last;        /* what is in `own` is the last it gets */
	uint64_t at;      /* position in the ring */
	uint64_t skipped; /* payload it has lost and was not told of */
	uint8_t own[RING_HEADER + RING_PIECE + 256]; /* frames of its own, and the rest of one that left the ring half read */
	size_t own_at, own_len;
	uint64_t frame_end; /* where the ring frame that is being sent ends; at most `at`: between frames */
	/* from the client */
	uint8_t header[RING_HEADER], body[RING_PIECE];
	size_t header_len, body_at, body_len; /* body: read but not used */
	uint32_t left;      /* of the frame, not yet read */
};

/* Takes over fd; NULL when memory is short (fd is still the caller's). */
struct attach_client *attach_client_new(struct attach *a, int fd);
void attach_client_free(struct attach_client *c);
/* Sends what it can without waiting; may free c. */
void attach_client_send(struct attach_client *c);
/* Takes what the client has sent, as far as there is room for it; may free c. */
void attach_client_resume(struct attach_client *c);
/* The ring is about to begin at `next`. */
void attach_client_overtaken(struct attach_client *c, uint64_t next);

/* Of attach.c. Writes input: how much was taken, -1: the sink is full, wait for attach_client_resume. */
ssize_t attach_input(struct attach *a, const uint8_t *data, size_t len);
/* A client was freed. */
void attach_client_gone(struct attach *a);
