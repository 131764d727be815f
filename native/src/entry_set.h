/*
 * A set of directory entries, each known by the identity of its directory and its name. Only a keyed 128-bit digest of
 * each is kept, so that long names take no more memory than short ones.
 */
#ifndef GANTRY_ENTRY_SET_H
#define GANTRY_ENTRY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct entry_key {
  uint64_t words[2];
};

struct entry_set {
  uint8_t seed[16];
  struct entry_key *slots; /* open addressing; all zero is empty */
  size_t capacity, count;
};

/* 0 or an errno value. */
int entry_set_open(struct entry_set *set);
void entry_set_close(struct entry_set *set);
/* False if there is no memory. */
bool entry_set_add(struct entry_set *set, dev_t device, ino_t inode, const char *name);
bool entry_set_has(const struct entry_set *set, dev_t device, ino_t inode, const char *name);

#endif
