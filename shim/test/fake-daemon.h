/* The receiving end of events, in the loop of the tests. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Topics received, each followed by a space; to be emptied by the test. */
extern char daemon_topics[256];
/* The gRPC code every call is answered with. */
extern int daemon_code;

bool daemon_open(const char *path);
/* Ends connections too; the socket file is removed. */
void daemon_close(const char *path);
/* Runs the loop until `reads` reads of calls (-1: any number) or for at_most_ms. */
void daemon_run(int reads, uint64_t at_most_ms);
/* Runs the loop until every event has been taken; bounded. */
void daemon_settle(void);
