/*
 * What the addon keeps for each JavaScript environment (the main thread's, and each worker's) that loaded it. Touched by
 * the environment's own thread only.
 */
#ifndef GANTRY_ADDON_STATE_H
#define GANTRY_ADDON_STATE_H

#include <node_api.h>

struct job;
struct waiter;

struct addon_state {
  struct job *jobs; /* those that run on threads of their own */
  struct waiter *waiter;
};

/* Makes the state; at the environment's end all threads are stopped and waited for, since the code goes with it. */
napi_status addon_state_open(napi_env env);
struct addon_state *addon_state_of(napi_env env);

/* job.c: cancels and awaits all jobs. */
void jobs_close(struct addon_state *state);
/* pidfd_wait.c: ends all waits; NULL is fine. */
void waiter_close(struct waiter *waiter);

#endif
