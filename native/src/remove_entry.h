/* Deleting a directory entry with everything below it. */
#ifndef GANTRY_REMOVE_ENTRY_H
#define GANTRY_REMOVE_ENTRY_H

#include <stdint.h>

/*
 * Deletes `name`, whatever it is, from the open directory. What does not exist is deleted already. Never follows a
 * symbolic link, never enters another mount (EBUSY). Returns 0 or an errno value, with `*failed` as tree_walk's.
 */
int remove_entry(int directory, const char *name, const int32_t *cancel, char **failed);

#endif
