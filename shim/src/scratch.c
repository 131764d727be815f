#include "scratch.h"

#include <stdbool.h>
#include <sys/mman.h>

#include "loop.h"

enum { IDLE_MS = 1000 };

static struct scratch *scratch;
static struct timer idle;
static bool used;

static void on_idle(struct timer *t)
{
	if (used) {
		used = false;
		loop_timer(t, IDLE_MS, on_idle);
		return;
	}
	munmap(scratch, sizeof *scratch);
	scratch = NULL;
}

struct scratch *scratch_get(void)
{
	used = true;
	if (scratch)
		return scratch;
	/* Pages come into being as they are touched: a line now and then costs two of them. */
	void *p = mmap(NULL, sizeof *scratch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	scratch = p;
	loop_timer(&idle, IDLE_MS, on_idle);
	return scratch;
}
