/* SHA-256 digests as text. See sha256.h. */
#include "sha256.h"

#include <nettle/base16.h>

void sha256_hex(const struct sha256_ctx *context, char hex[SHA256_HEX_LENGTH + 1]) {
  struct sha256_ctx copy = *context;
  uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_digest(&copy, sizeof digest, digest);
  base16_encode_update(hex, sizeof digest, digest);
  hex[SHA256_HEX_LENGTH] = '\0';
}
