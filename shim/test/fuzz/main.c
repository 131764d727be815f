/*
 * A driver for machines without libFuzzer: each argument is a file to run (AFL style), and with -N COUNT as the first
 * argument random mutations of the files are run too (fixed seed, so that a failure repeats).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void mutate(const struct buf *in, long count)
{
	for (long i = 0; i < count; i++) {
		size_t len = in->len ? next() % in->len + 1 : 0;
		uint8_t *copy = malloc(len + 1);
		if (!copy)
			return;
		memcpy(copy, in->p, len);
		for (uint64_t n = next() % 8; len && n; n--)
			copy[next() % len] = (uint8_t)next();
		LLVMFuzzerTestOneInput(copy, len);
		free(copy);
	}
}

int main(int argc, char **argv)
{
	bool many = argc > 2 && !strcmp(argv[1], "-N");
	long count = many ? strtol(argv[2], NULL, 10) : 0, runs = 0;
	for (int i = many ? 3 : 1; i < argc; i++) {
		struct buf in = {0};
		if (file_read(argv[i], 1 << 24, &in)) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(in.p, in.len);
		mutate(&in, count);
		runs += count + 1;
		buf_free(&in);
	}
	printf("%ld runs\n", runs);
	return 0;
}
