/*
 * The statistics of a container as text, one line "path value" per field in the order of the bytes. The tables of names
 * and numbers are written down a second time here, from the protocol, so that a wrong number in the shim shows.
 */
#pragma once
#include "pb.h"

enum metrics_kind { F_NUMBER, F_DOUBLE, F_TEXT, F_PACKED, F_MESSAGE, F_MESSAGES };

/* A message is a list of these, ended by number 0. */
struct metrics_field {
	uint32_t number;
	const char *name;
	enum metrics_kind kind;
	const struct metrics_field *message; /* F_MESSAGE, F_MESSAGES */
};

extern const struct metrics_field metrics_v1[], metrics_v2[];

/* Appends the text; what the tables do not know or is malformed is a line with a question mark. */
void metrics_text(struct buf *out, const struct metrics_field *message, const void *data, size_t len);
