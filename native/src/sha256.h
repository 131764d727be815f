/* SHA-256 digests as text. */
#ifndef GANTRY_SHA256_H
#define GANTRY_SHA256_H

#include <nettle/sha2.h>

#define SHA256_HEX_LENGTH (2 * SHA256_DIGEST_SIZE)

/* The digest of what went into `context` so far, as lower-case hexadecimal and a NUL; the context can go on. */
void sha256_hex(const struct sha256_ctx *context, char hex[SHA256_HEX_LENGTH + 1]);

#endif
