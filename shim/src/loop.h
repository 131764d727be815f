/* The one event loop: level-triggered epoll watches and one-shot timers. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct watch {
	int fd; /* valid while on */
	bool on;
	void (*fn)(struct watch *w, uint32_t events);
};

struct timer {
	struct timer *next;
	uint64_t at_ms;
	bool on;
	void (*fn)(struct timer *t);
};

#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

/* 0, or -1 with errno. */
int loop_init(void);
/* Starts watching fd; an armed watch is changed to the new events. -1 with errno on failure. */
int loop_watch(struct watch *w, int fd, uint32_t events, void (*fn)(struct watch *, uint32_t));
/* Idempotent. Never closes the descriptor. Safe from inside any callback, for any watch. */
void loop_unwatch(struct watch *w);
/* (Re)arms a one-shot timer. */
void loop_timer(struct timer *t, uint64_t delay_ms, void (*fn)(struct timer *));
void loop_untimer(struct timer *t);
/* Runs until loop_stop. */
void loop_run(void);
void loop_stop(void);
/* CLOCK_MONOTONIC in milliseconds. */
uint64_t now_ms(void);
/* CLOCK_REALTIME. */
struct timespec now_wall(void);
