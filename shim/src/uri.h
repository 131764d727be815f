/* stdio addresses: a plain path is a FIFO; file://, binary://, binary-v2:// and our cri:// and json:// are URIs. */
#pragma once
#include <stdbool.h>

enum uri_kind { URI_NONE, URI_FIFO, URI_FILE, URI_BINARY, URI_BINARY_V2, URI_CRI, URI_JSON, URI_ATTACH, URI_UNKNOWN };

/* URI_ATTACH: input that comes from the attach socket of the output. */
enum uri_kind uri_kind(const char *uri);
/* The path of a file or binary URI, percent-decoded, in fresh memory; NULL when it is not absolute or malformed. */
char *uri_path(const char *uri);
/*
 * argv for a logging binary: path, then key and value of each query pair (the first of equal keys). NULL-terminated,
 * freed with uri_free_argv; NULL when malformed or more than 64 pairs.
 */
char **uri_argv(const char *uri);
void uri_free_argv(char **argv);
