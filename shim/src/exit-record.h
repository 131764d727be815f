/* The exit status as a file, written before anybody is told: what a daemon that was away finds. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct exit_record {
	pid_t pid;
	uint32_t exit_status;
	struct timespec exited_at;
};

/* exec_id NULL: <bundle>/exit.json, else <bundle>/exec-<id>.exit.json. Atomic and synced. 0, or -1 with errno. */
int exit_record_write(const char *bundle, const char *exec_id, const struct exit_record *r);
/* Reads the same file; false when there is none or it is malformed. */
bool exit_record_read(const char *bundle, const char *exec_id, struct exit_record *r);
void exit_record_remove(const char *bundle, const char *exec_id);
