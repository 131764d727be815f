/* SHA-256 (FIPS 180-4), for socket names only. */
#pragma once
#include <stddef.h>

/* Writes the digest of data as 64 lower-case hex digits and a NUL. */
void sha256_hex(const void *data, size_t len, char out[65]);
