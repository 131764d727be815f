/* The -info query: what this runtime is and what its OCI runtime can do. */
#pragma once

/* Reads an Any of runtime options from stdin (may be empty) and prints a RuntimeInfo; the exit code. */
int info_main(void);
