/*
 * Processes by descriptor, which no reuse of a process id can turn into another process.
 * man pages: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), waitid(2), prctl(2)
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"

/* pidfdOpen(pid): number, a descriptor that is closed on exec */
napi_value pidfd_open_process(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t pid;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &pid)) return NULL;
  long fd = syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return throw_errno(env, errno, "pidfd_open", NULL);
  return make_number(env, (double)fd);
}

/* pidfdSignal(pidfd, signal) */
napi_value pidfd_signal(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t fd, number;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &fd) || !arg_int32(&args, 1, &number)) return NULL;
  if (syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) != 0)
    return throw_errno(env, errno, "pidfd_send_signal", NULL);
  return make_undefined(env);
}

/* pidfdCopyDescriptor(pidfd, fd): number, a descriptor of our own for the same open file, closed on exec */
napi_value pidfd_copy_descriptor(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t pidfd, number;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &pidfd) || !arg_int32(&args, 1, &number)) return NULL;
  long fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);
  if (fd < 0) return throw_errno(env, errno, "pidfd_getfd", NULL);
  return make_number(env, (double)fd);
}

/* pidfdReap(pidfd): { code } or { signal } of a child that has ended and is a zombie no more, else undefined */
napi_value pidfd_reap(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t fd;
  siginfo_t status = {0};
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &fd)) return NULL;
  if (waitid(P_PIDFD, (id_t)fd, &status, WEXITED | WNOHANG) != 0) {
    if (errno == ECHILD) return make_undefined(env);
    return throw_errno(env, errno, "waitid", NULL);
  }
  if (status.si_pid == 0) return make_undefined(env);
  napi_value object = NULL;
  napi_create_object(env, &object);
  set_number(env, object, status.si_code == CLD_EXITED ? "code" : "signal", status.si_status);
  return object;
}

/* setSubreaper(enabled) */
napi_value set_subreaper(napi_env env, napi_callback_info info) {
  struct args args;
  bool enabled;
  args_read(env, info, &args);
  if (!arg_bool(&args, 0, &enabled)) return NULL;
  if (prctl(PR_SET_CHILD_SUBREAPER, enabled ? 1 : 0, 0, 0, 0) != 0) return throw_errno(env, errno, "prctl", NULL);
  return make_undefined(env);
}
