#include "proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

enum { STATE_FIELD = 3, START_FIELD = 22, EXIT_FIELD = 52 };

bool proc_stat_read(pid_t pid, struct proc_stat *s)
{
	char path[40];
	struct buf b = {0};
	*s = (struct proc_stat){0};
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	const char *text = file_read(path, 4096, &b) ? "" : buf_cstr(&b);
	/* The name, in parentheses, may hold anything: count from its end. */
	const char *at = strrchr(text, ')');
	int field = 2;
	while (at && (at = strchr(at, ' '))) {
		at++;
		field++;
		if (field == STATE_FIELD)
			s->state = *at;
		else if (field == START_FIELD)
			s->start_ticks = strtoull(at, NULL, 10);
		else if (field == EXIT_FIELD)
			s->wait_status = (int)strtol(at, NULL, 10);
	}
	buf_free(&b);
	return field >= START_FIELD;
}
