/* A place in which a fuzzed layer may do its worst. */
#ifndef GANTRY_FUZZ_SANDBOX_H
#define GANTRY_FUZZ_SANDBOX_H

#include <stdbool.h>

/* Where the sandbox is: an empty tmpfs of this process alone, in place of whatever the machine has there. */
#define SANDBOX "/mnt"

/*
 * Gives the process a mount namespace in which everything but SANDBOX is read-only, and the directories that the
 * environment variable GANTRY_FUZZ_WRITABLE lists, separated by colons: those a fuzzer keeps its findings in. False,
 * with the reason on standard error, if any of that fails; then nothing may be run.
 */
bool sandbox_enter(void);

#endif
