/* A pull reader for JSON: hands out one token at a time, checks the grammar, keeps a bounded nesting record and
 * never recurses. Enough to pick fields out of config.json, options.json, process objects and runc's log. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_tok {
	JSON_ERROR,
	JSON_END, /* the text is used up (only between top-level values) */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
};

enum { JSON_DEPTH_MAX = 256 };

struct json {
	const char *p, *end;
	/* raw text of the last token; keys and strings without their quotes */
	const char *text;
	size_t len;
	unsigned depth;
	uint8_t in_object[JSON_DEPTH_MAX / 8];
	enum { JSON_WANT_VALUE, JSON_WANT_KEY, JSON_WANT_FIRST, JSON_WANT_COMMA } want;
};

struct json json_over(const char *text, size_t len);
/* Several top-level values in a row are accepted (runc writes one object per line). */
enum json_tok json_next(struct json *j);
/* Skips the value of the key just read, or the rest of a container whose opening token is `open`. */
bool json_skip(struct json *j, enum json_tok open);
/* Reads the next value and skips it whole; false when malformed. */
bool json_skip_value(struct json *j);
/* True when the last key or string, taken raw, equals s (names searched for hold no escapes). */
bool json_is(const struct json *j, const char *s);
/* The last string, unescaped, in fresh memory; NULL when malformed, out of memory, or it holds a NUL. */
char *json_strdup(const struct json *j);
/* Inside an object: moves to the value of key `name`, skipping others; its first token, JSON_OBJECT_END if absent. */
enum json_tok json_find(struct json *j, const char *name);
