/* Mutations that a tar reader does not stop at: after each one, headers get the checksum they need. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { BLOCK = 512, CHECKSUM_AT = 148, CHECKSUM_LENGTH = 8, MAGIC_AT = 257 };

static void put_checksum(uint8_t *header) {
  char text[CHECKSUM_LENGTH + 1];
  unsigned sum = 0;
  memset(header + CHECKSUM_AT, ' ', CHECKSUM_LENGTH);
  for (size_t i = 0; i < BLOCK; i++) sum += header[i];
  snprintf(text, sizeof text, "%06o", sum);
  memcpy(header + CHECKSUM_AT, text, CHECKSUM_LENGTH - 1);
}

/* The first byte is the harness's; blocks count from the second one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 16 == 0) return size;
  for (size_t at = 1; at + BLOCK <= size; at += BLOCK)
    if (memcmp(data + at + MAGIC_AT, "ustar", 5) == 0) put_checksum(data + at);
  return size;
}
