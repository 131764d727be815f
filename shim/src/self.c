#include "self.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "file.h"
#include "log.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#define PR_SCHED_CORE_CREATE 1
#endif
/* The scope of PR_SCHED_CORE_CREATE: the threads of one process; children inherit it. */
enum { SCOPE_THREAD_GROUP = 1 };

void self_raise_oom_score(void)
{
	static const char path[] = "/proc/self/oom_score_adj";
	enum { SCORE_MAX = 1000 };
	char text[24];
	struct buf b = {0};
	/* What it was started with is what its starter had. */
	if (file_read(path, 32, &b)) {
		log_warn("cannot read %s: %s", path, strerror(errno));
		buf_free(&b);
		return;
	}
	long score = strtol(buf_cstr(&b), NULL, 10) + 1;
	snprintf(text, sizeof text, "%ld", score > SCORE_MAX ? SCORE_MAX : score);
	if (file_write(path, 0644, text, strlen(text)))
		log_warn("cannot set %s to %s: %s", path, text, strerror(errno));
	buf_free(&b);
}

void self_schedule_apart(void)
{
	const char *wanted = getenv("SCHED_CORE");
	if (wanted && *wanted && prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, SCOPE_THREAD_GROUP, 0))
		log_warn("no core scheduling: %s", strerror(errno));
}
