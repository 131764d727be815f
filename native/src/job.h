/*
 * A job is one blocking piece of work done off the event loop for a JavaScript caller, who gets a promise.
 *
 * Life cycle: job_create (loop) -> run (a thread) -> settle (loop): `result` makes the promise's value, or the
 * failure recorded with job_fail becomes a rejection -> release (loop) -> freed. `release` frees what the owner put in
 * its struct; it also runs when starting fails.
 *
 * Threads: JOB_POOL uses Node's small shared pool, for work that ends in milliseconds; JOB_THREAD starts a thread of its
 * own, for work that may take seconds and must not keep file operations of others waiting.
 */
#ifndef GANTRY_JOB_H
#define GANTRY_JOB_H

#include <node_api.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum job_kind { JOB_POOL, JOB_THREAD };

struct job {
  void (*run)(struct job *job);
  napi_value (*result)(napi_env env, struct job *job); /* NULL: the promise's value is undefined */
  void (*release)(struct job *job);                    /* NULL: nothing beyond the struct itself */

  /* The failure, if any: set by job_fail. */
  int error;           /* errno value, 0 while all is well */
  const char *syscall; /* a string literal */
  char *path;          /* what the failure is about, or NULL */
  char *detail;        /* more than errno can tell, or NULL */

  /* What arg_cancel_word gave, or NULL; also set when the environment ends. */
  int32_t *cancel;

  /* Private to job.c. */
  struct job *next;
  pthread_t thread;
  napi_deferred deferred;
  napi_async_work work;
  napi_threadsafe_function done;
  napi_ref kept[3];
  size_t kept_count;
};

/* Allocates a zeroed struct of `size` bytes whose first member is a struct job. NULL after throwing. */
void *job_create(napi_env env, size_t size, void (*run)(struct job *));

/* Keeps a JavaScript value (a buffer, a handle) alive until the job is settled. At most three. */
void job_keep(napi_env env, struct job *job, napi_value value);

/* Starts the job and returns its promise; takes ownership of `job` in every case. NULL after throwing. */
napi_value job_start(napi_env env, struct job *job, enum job_kind kind);

/* Frees a job that was never started. */
void job_discard(napi_env env, struct job *job);

/* Records a failure; the first one wins. Thread-safe as long as one thread at a time runs the job. */
void job_fail(struct job *job, int error, const char *syscall, const char *path);

/* Adds words of the kernel or of a library to the failure already recorded (printf form). */
void job_detail(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
