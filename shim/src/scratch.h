/*
 * One buffer for moving output, shared by all streams and given back to the kernel when nothing has used it for a
 * second: an idle shim has no buffers. Valid until the caller returns to the loop.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * What is read stays in the processor's cache until it is written, and is enough for the kernel to take large folios for a
 * file: with less than 128 KiB it spends most of a write on single pages.
 */
enum { SCRATCH_IN = 128 << 10, SCRATCH_OUT = 256 << 10 };

struct scratch {
	uint8_t in[SCRATCH_IN];   /* what was read */
	uint8_t out[SCRATCH_OUT]; /* what will be written */
};

/* NULL when memory is short. */
struct scratch *scratch_get(void);
