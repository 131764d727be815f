/*
 * Writes numbered lines to its standard output and measures how long it is made to wait: writer BYTES RATE RESULT.
 * BYTES in all (a multiple of the 64 of a line), RATE in bytes per second (0: as fast as it can), RESULT: a file that
 * gets the longest time of a write, of one that had to sleep (the pipe was full; not merely another process's turn), and
 * the time of it all, in microseconds. A line is its number in 63
 * digits and a newline: one that is lost, doubled or out of order shows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, BLOCK = 65536, BURST_MS = 5 };

static uint64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Lines from `next` on, which then is the one after them. */
static void fill(char *block, size_t len, char *next)
{
	for (char *line = block; line < block + len; line += LINE) {
		memcpy(line, next, LINE);
		for (char *digit = next + LINE - 2; ++*digit > '9'; digit--)
			*digit = '0';
	}
}

static void put(const char *block, size_t len)
{
	while (len) {
		ssize_t n = write(1, block, len);
		if (n < 0)
			exit(2);
		block += n;
		len -= (size_t)n;
	}
}

/* How often this process went to sleep by itself. */
static long sleeps(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return r.ru_nvcsw;
}

static void wait_until(uint64_t at_us)
{
	uint64_t now = now_us();
	if (now < at_us) {
		uint64_t left = at_us - now;
		nanosleep(&(struct timespec){(time_t)(left / 1000000), (long)(left % 1000000 * 1000)}, NULL);
	}
}

int main(int argc, char **argv)
{
	static char block[BLOCK], next[LINE];
	if (argc != 4)
		return 1;
	uint64_t total = strtoull(argv[1], NULL, 10), rate = strtoull(argv[2], NULL, 10), sent = 0;
	uint64_t longest = 0, blocked = 0, begin = now_us();
	size_t burst = rate ? (size_t)(rate * BURST_MS / 1000 / LINE * LINE) : BLOCK;
	if (burst > BLOCK)
		burst = BLOCK;
	memset(next, '0', LINE - 1);
	next[LINE - 1] = '\n';
	while (sent < total) {
		size_t len = total - sent < burst ? (size_t)(total - sent) : burst;
		fill(block, len, next);
		if (rate)
			wait_until(begin + sent * 1000000 / rate);
		long slept = sleeps();
		uint64_t from = now_us();
		put(block, len);
		uint64_t took = now_us() - from;
		longest = took > longest ? took : longest;
		if (sleeps() != slept && took > blocked)
			blocked = took;
		sent += len;
	}
	FILE *f = fopen(argv[3], "w");
	if (!f)
		return 3;
	fprintf(f, "{\"longestUs\":%llu,\"longestBlockedUs\":%llu,\"wallUs\":%llu}\n", (unsigned long long)longest,
		(unsigned long long)blocked, (unsigned long long)(now_us() - begin));
	return fclose(f) ? 3 : 0;
}
