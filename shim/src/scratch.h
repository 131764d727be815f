/*
 * One big buffer for moving output, shared by all streams and given back to the kernel when nothing has used it for a
 * second: an idle shim has no buffers. Valid until the caller returns to the loop.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { SCRATCH_IN = 256 << 10, SCRATCH_OUT = 512 << 10 };

struct scratch {
	uint8_t in[SCRATCH_IN];   /* what was read */
	uint8_t out[SCRATCH_OUT]; /* what will be written */
};

/* NULL when memory is short. */
struct scratch *scratch_get(void);
