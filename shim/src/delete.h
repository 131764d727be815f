/* The `delete` action: removes whatever is left of one container, with or without a live shim. */
#pragma once
#include "args.h"

/* Prints a DeleteResponse; the exit code. */
int delete_main(const struct args *a);
