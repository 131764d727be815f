/*
 * Running jobs and settling their promises. See job.h.
 * man pages: pthread_create(3), pthread_join(3), pthread_sigmask(3)
 */
#include "job.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "addon_state.h"
#include "args.h"

void *job_create(napi_env env, size_t size, void (*run)(struct job *)) {
  struct job *job = calloc(1, size);
  if (job == NULL) {
    napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  job->run = run;
  return job;
}

void job_keep(napi_env env, struct job *job, napi_value value) {
  if (job->kept_count < sizeof job->kept / sizeof job->kept[0] &&
      napi_create_reference(env, value, 1, &job->kept[job->kept_count]) == napi_ok)
    job->kept_count++;
}

/* Frees everything; `env` is NULL when the environment is already gone and its references with it. */
static void job_free(napi_env env, struct job *job) {
  if (job->release != NULL) job->release(job);
  if (env != NULL) {
    for (size_t i = 0; i < job->kept_count; i++) napi_delete_reference(env, job->kept[i]);
    if (job->work != NULL) napi_delete_async_work(env, job->work);
  }
  free(job->path);
  free(job->detail);
  free(job);
}

void job_discard(napi_env env, struct job *job) {
  job_free(env, job);
}

static void settle(napi_env env, struct job *job) {
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value value = NULL;
  if (job->error == 0) {
    if (job->result != NULL) value = job->result(env, job);
    else napi_get_undefined(env, &value);
  }
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) {
    napi_get_and_clear_last_exception(env, &value);
    napi_reject_deferred(env, job->deferred, value);
  } else if (value != NULL) {
    napi_resolve_deferred(env, job->deferred, value);
  } else {
    if (job->error == 0) job_fail(job, ENOMEM, "napi", NULL);
    value = make_errno_error(env, job->error, job->syscall, job->path, job->detail);
    napi_reject_deferred(env, job->deferred, value);
  }
  job_free(env, job);
  napi_close_handle_scope(env, scope);
}

static void pool_execute(napi_env env, void *data) {
  (void)env;
  struct job *job = data;
  job->run(job);
}

static void pool_complete(napi_env env, napi_status status, void *data) {
  struct job *job = data;
  if (status == napi_cancelled) job_fail(job, ECANCELED, "napi", NULL);
  settle(env, job);
}

/* Takes the job out of the list and waits for the very end of its thread. */
static void retire(struct addon_state *state, struct job *job) {
  struct job **link = &state->jobs;
  while (*link != job) link = &(*link)->next;
  *link = job->next;
  pthread_join(job->thread, NULL);
}

static void thread_complete(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  (void)context;
  /* Without an environment, jobs_close has the job. */
  if (env == NULL) return;
  retire(addon_state_of(env), data);
  settle(env, data);
}

static void *thread_main(void *data) {
  struct job *job = data;
  job->run(job);
  if (napi_call_threadsafe_function(job->done, job, napi_tsfn_blocking) == napi_ok)
    napi_release_threadsafe_function(job->done, napi_tsfn_release);
  return NULL;
}

void jobs_close(struct addon_state *state) {
  for (struct job *job = state->jobs; job != NULL; job = job->next)
    if (job->cancel != NULL) __atomic_store_n(job->cancel, 1, __ATOMIC_RELAXED);
  while (state->jobs != NULL) {
    struct job *job = state->jobs;
    retire(state, job);
    job_free(NULL, job);
  }
}

static int start_thread(struct addon_state *state, struct job *job) {
  pthread_attr_t attributes;
  sigset_t all, before;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  /* Signals are Node's business: its own threads take them. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&job->thread, &attributes, thread_main, job);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error != 0) return error;
  job->next = state->jobs;
  state->jobs = job;
  return 0;
}

napi_value job_start(napi_env env, struct job *job, enum job_kind kind) {
  napi_value promise, name;
  if (napi_create_promise(env, &job->deferred, &promise) != napi_ok ||
      napi_create_string_utf8(env, "gantry", NAPI_AUTO_LENGTH, &name) != napi_ok) {
    job_free(env, job);
    napi_throw_error(env, NULL, "cannot create a promise");
    return NULL;
  }
  if (kind == JOB_POOL) {
    if (napi_create_async_work(env, NULL, name, pool_execute, pool_complete, job, &job->work) != napi_ok ||
        napi_queue_async_work(env, job->work) != napi_ok) {
      job_fail(job, ENOMEM, "napi", NULL);
      settle(env, job);
    }
    return promise;
  }
  if (napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, thread_complete, &job->done) !=
      napi_ok) {
    job_fail(job, ENOMEM, "napi", NULL);
    settle(env, job);
    return promise;
  }
  int error = start_thread(addon_state_of(env), job);
  if (error != 0) {
    napi_release_threadsafe_function(job->done, napi_tsfn_abort);
    job_fail(job, error, "pthread_create", NULL);
    settle(env, job);
  }
  return promise;
}
