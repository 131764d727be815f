/*
 * Waiting for any number of processes on one thread.
 *
 * The thread sleeps in epoll_wait and hands the number of each wait whose process ended to the event loop. Only the
 * loop touches the list of waits, so a cancelled wait whose number still arrives is simply not found.
 * man pages: pidfd_open(2), epoll(7), eventfd(2)
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "addon.h"
#include "addon_state.h"
#include "args.h"

struct wait {
  struct wait *next;
  uint64_t number;
  int pidfd;
  napi_deferred deferred;
};

struct waiter {
  int epoll;
  int stop; /* an eventfd, watched under number 0 */
  pthread_t thread;
  napi_threadsafe_function ended;
  uint64_t last_number;
  struct wait *waits;
};

static void *waiter_main(void *data) {
  struct waiter *waiter = data;
  struct epoll_event events[32];
  for (;;) {
    int count = epoll_wait(waiter->epoll, events, 32, -1);
    if (count < 0 && errno != EINTR) return NULL;
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == 0) return NULL;
      /* The number travels in place of a pointer. */
      void *number = (void *)(uintptr_t)events[i].data.u64;
      if (napi_call_threadsafe_function(waiter->ended, number, napi_tsfn_blocking) != napi_ok) return NULL;
    }
  }
}

/* Takes the wait out of the list and lets the event loop end if it was the last. */
static void forget(napi_env env, struct waiter *waiter, struct wait **link) {
  struct wait *wait = *link;
  epoll_ctl(waiter->epoll, EPOLL_CTL_DEL, wait->pidfd, NULL);
  *link = wait->next;
  free(wait);
  if (waiter->waits == NULL) napi_unref_threadsafe_function(env, waiter->ended);
}

static void on_ended(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  struct waiter *waiter = context;
  if (env == NULL) return;
  for (struct wait **link = &waiter->waits; *link != NULL; link = &(*link)->next) {
    if ((*link)->number != (uint64_t)(uintptr_t)data) continue;
    napi_deferred deferred = (*link)->deferred;
    forget(env, waiter, link);
    napi_resolve_deferred(env, deferred, make_undefined(env));
    return;
  }
}

void waiter_close(struct waiter *waiter) {
  uint64_t one = 1;
  if (waiter == NULL) return;
  if (write(waiter->stop, &one, sizeof one) == sizeof one) pthread_join(waiter->thread, NULL);
  close(waiter->stop);
  close(waiter->epoll);
  while (waiter->waits != NULL) {
    struct wait *wait = waiter->waits;
    waiter->waits = wait->next;
    free(wait);
  }
  free(waiter);
}

static int start_thread(struct waiter *waiter) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&waiter->thread, NULL, waiter_main, waiter);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

static struct waiter *create_waiter(napi_env env) {
  struct waiter *waiter = calloc(1, sizeof *waiter);
  if (waiter == NULL) return NULL;
  struct epoll_event stop = {.events = EPOLLIN, .data = {.u64 = 0}};
  waiter->epoll = epoll_create1(EPOLL_CLOEXEC);
  waiter->stop = eventfd(0, EFD_CLOEXEC);
  if (waiter->epoll >= 0 && waiter->stop >= 0 && epoll_ctl(waiter->epoll, EPOLL_CTL_ADD, waiter->stop, &stop) == 0 &&
      napi_create_threadsafe_function(env, NULL, NULL, make_text(env, "gantry", NAPI_AUTO_LENGTH), 0, 1, NULL, NULL,
                                      waiter, on_ended, &waiter->ended) == napi_ok) {
    napi_unref_threadsafe_function(env, waiter->ended);
    if (start_thread(waiter) == 0) return waiter;
    napi_release_threadsafe_function(waiter->ended, napi_tsfn_abort);
  }
  if (waiter->epoll >= 0) close(waiter->epoll);
  if (waiter->stop >= 0) close(waiter->stop);
  free(waiter);
  return NULL;
}

/* pidfdWait(pidfd): Promise<void>, settled when the process ends; the descriptor stays the caller's */
napi_value pidfd_wait(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t pidfd;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &pidfd)) return NULL;
  struct addon_state *state = addon_state_of(env);
  if (state->waiter == NULL) state->waiter = create_waiter(env);
  struct waiter *waiter = state->waiter;
  struct wait *wait = calloc(1, sizeof *wait);
  if (waiter == NULL || wait == NULL) {
    free(wait);
    return throw_errno(env, ENOMEM, "pidfd_wait", NULL);
  }
  wait->number = ++waiter->last_number;
  wait->pidfd = pidfd;
  wait->next = waiter->waits;
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data = {.u64 = wait->number}};
  napi_value promise = NULL;
  if (epoll_ctl(waiter->epoll, EPOLL_CTL_ADD, pidfd, &event) != 0 ||
      napi_create_promise(env, &wait->deferred, &promise) != napi_ok) {
    int error = errno;
    free(wait);
    return throw_errno(env, error, "epoll_ctl", NULL);
  }
  if (waiter->waits == NULL) napi_ref_threadsafe_function(env, waiter->ended);
  waiter->waits = wait;
  return promise;
}

/* pidfdWaitCancel(pidfd): the wait on that descriptor, if any, is rejected with ECANCELED */
napi_value pidfd_wait_cancel(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t pidfd;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &pidfd)) return NULL;
  struct waiter *waiter = addon_state_of(env)->waiter;
  if (waiter == NULL) return make_undefined(env);
  for (struct wait **link = &waiter->waits; *link != NULL; link = &(*link)->next) {
    if ((*link)->pidfd != pidfd) continue;
    napi_deferred deferred = (*link)->deferred;
    forget(env, waiter, link);
    napi_reject_deferred(env, deferred, make_errno_error(env, ECANCELED, "pidfd_wait", NULL, NULL));
    break;
  }
  return make_undefined(env);
}
