/* A blocking ttrpc client of the task service: one call at a time. */
#pragma once
#include <stdio.h>
#include <string.h>

#include "pb.h"
#include "ttrpc.h"

#define CLIENT_NAMESPACE "drive"

/* A connection to a Unix socket, or -1 with errno. */
int client_connect(const char *path);
/* Reads one whole frame into p (free its body before the next); false at the end of the stream. */
bool client_frame(int fd, struct ttrpc_parser *p);
/* One call of containerd.task.v2.Task; false with a text in *error when it was refused or the connection broke. */
bool client_call(int fd, const char *method, const struct buf *request, struct buf *answer, struct buf *error);
