/*
 * A set of directory entries. See entry_set.h.
 * man pages: getrandom(2)
 */
#include "entry_set.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CAPACITY = 1024 };

int entry_set_open(struct entry_set *set) {
  *set = (struct entry_set){.capacity = FIRST_CAPACITY};
  /* Without a secret, a layer could be made of names that all collide. */
  if (getrandom(set->seed, sizeof set->seed, 0) != (ssize_t)sizeof set->seed) return errno;
  set->slots = calloc(set->capacity, sizeof *set->slots);
  return set->slots == NULL ? ENOMEM : 0;
}

void entry_set_close(struct entry_set *set) {
  free(set->slots);
}

static struct entry_key key_of(const struct entry_set *set, dev_t device, ino_t inode, const char *name) {
  struct sha256_ctx context;
  struct entry_key key;
  const uint64_t directory[2] = {device, inode};
  sha256_init(&context);
  sha256_update(&context, sizeof set->seed, set->seed);
  sha256_update(&context, sizeof directory, (const uint8_t *)directory);
  sha256_update(&context, strlen(name), (const uint8_t *)name);
  sha256_digest(&context, sizeof key, (uint8_t *)&key);
  key.words[0] |= 1; /* never the mark of an empty slot */
  return key;
}

/* The slot that holds the key, or the empty one where it belongs. */
static struct entry_key *find(struct entry_key *slots, size_t capacity, const struct entry_key *key) {
  size_t index = key->words[1] & (capacity - 1);
  while (slots[index].words[0] != 0 && memcmp(&slots[index], key, sizeof *key) != 0)
    index = (index + 1) & (capacity - 1);
  return &slots[index];
}

static bool grow(struct entry_set *set) {
  size_t capacity = 2 * set->capacity;
  struct entry_key *slots = calloc(capacity, sizeof *slots);
  if (slots == NULL) return false;
  for (size_t i = 0; i < set->capacity; i++)
    if (set->slots[i].words[0] != 0) *find(slots, capacity, &set->slots[i]) = set->slots[i];
  free(set->slots);
  set->slots = slots;
  set->capacity = capacity;
  return true;
}

bool entry_set_add(struct entry_set *set, dev_t device, ino_t inode, const char *name) {
  struct entry_key key = key_of(set, device, inode, name);
  struct entry_key *slot = find(set->slots, set->capacity, &key);
  if (slot->words[0] != 0) return true;
  if (2 * (set->count + 1) > set->capacity) {
    if (!grow(set)) return false;
    slot = find(set->slots, set->capacity, &key);
  }
  *slot = key;
  set->count++;
  return true;
}

bool entry_set_has(const struct entry_set *set, dev_t device, ino_t inode, const char *name) {
  struct entry_key key = key_of(set, device, inode, name);
  return find(set->slots, set->capacity, &key)->words[0] != 0;
}
