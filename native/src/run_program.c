/*
 * Running a short program to its end, off the event loop. Node's own spawn holds up the loop for one to two
 * milliseconds, and tells of the end only after a detour through a signal and three streams.
 * man pages: clone(2), vfork(2), execve(2), memfd_create(2), close_range(2), waitid(2)
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#include "addon.h"
#include "args.h"
#include "job.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
enum { CLOSE_RANGE_CLOEXEC_FLAG = 1 << 2, CHILD_STACK_SIZE = 64 * 1024, CANCEL_CHECK_MS = 50 };

/* What the program wrote to one descriptor, up to a limit. */
struct output {
  int fd; /* -1 once it has ended */
  uint8_t *bytes;
  size_t length;
};

struct run_program_job {
  struct job job;
  char *path;
  char **argv;
  char **envp;
  char *directory;
  const uint8_t *input; /* NULL: nothing to read */
  size_t input_length;
  int64_t timeout_ms;
  int64_t max_output;
  struct output outputs[2]; /* stdout, stderr */
  bool timed_out;
  siginfo_t end;
};

/* What the child, which shares our memory until it has become the program, works with. */
struct child {
  const struct run_program_job *job;
  int stdio[3];
  volatile int error;
  const char *volatile syscall;
};

static int child_main(void *data) {
  struct child *child = data;
  const struct run_program_job *job = child->job;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  /* A group of its own, so that it can be killed with all it started; a session would cost a scheduler group as well. */
  setpgid(0, 0);
  child->syscall = "dup2";
  for (int fd = 0; fd < 3; fd++)
    if (dup2(child->stdio[fd], fd) < 0) goto failed;
  syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC_FLAG);
  child->syscall = "chdir";
  if (chdir(job->directory) != 0) goto failed;
  child->syscall = "execve";
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(job->path, job->argv, job->envp);
failed:
  child->error = errno;
  _exit(127);
}

/* The child's pidfd, or -1 after job_fail. */
static int start(struct run_program_job *job, struct child *child, pid_t *pid) {
  int pidfd = -1;
  char *stack = malloc(CHILD_STACK_SIZE);
  if (stack == NULL) {
    job_fail(&job->job, ENOMEM, "malloc", job->path);
    return -1;
  }
  void *top = (void *)(((uintptr_t)stack + CHILD_STACK_SIZE) & ~(uintptr_t)15);
  *pid = clone(child_main, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, child, &pidfd);
  if (*pid < 0) {
    job_fail(&job->job, errno, "clone", job->path);
  } else if (child->error != 0) {
    waitpid(*pid, NULL, 0);
    close(pidfd);
    *pid = -1;
    job_fail(&job->job, child->error, child->syscall, strcmp(child->syscall, "chdir") == 0 ? job->directory : job->path);
  }
  free(stack);
  return *pid < 0 ? -1 : pidfd;
}

/* A file that reads as the input from its start. -1 with errno. */
static int open_input(const struct run_program_job *job) {
  if (job->input == NULL) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  int fd = memfd_create("stdin", MFD_CLOEXEC);
  for (size_t done = 0; fd >= 0 && done < job->input_length;) {
    ssize_t count = write(fd, job->input + done, job->input_length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      close(fd);
      return -1;
    }
    done += (size_t)count;
  }
  if (fd >= 0) lseek(fd, 0, SEEK_SET);
  return fd;
}

/* Keeps what is within the limit; the rest is read and dropped, as the program must not block on it. */
static void take_output(struct run_program_job *job, struct output *output) {
  uint8_t block[4096];
  ssize_t count = read(output->fd, block, sizeof block);
  if (count < 0 && errno == EINTR) return;
  if (count <= 0) {
    close(output->fd);
    output->fd = -1;
    return;
  }
  size_t room = (size_t)job->max_output - output->length;
  size_t kept = (size_t)count < room ? (size_t)count : room;
  if (kept == 0) return;
  uint8_t *bytes = realloc(output->bytes, output->length + kept);
  if (bytes == NULL) return;
  memcpy(bytes + output->length, block, kept);
  output->bytes = bytes;
  output->length += kept;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the program and whoever else holds its outputs are done. False if it was given up. */
static bool follow(struct run_program_job *job, int pidfd) {
  int64_t deadline = now_ms() + job->timeout_ms;
  bool ended = false;
  while (!ended || job->outputs[0].fd >= 0 || job->outputs[1].fd >= 0) {
    struct pollfd fds[3] = {
        {.fd = job->outputs[0].fd, .events = POLLIN},
        {.fd = job->outputs[1].fd, .events = POLLIN},
        {.fd = ended ? -1 : pidfd, .events = POLLIN},
    };
    int64_t left = deadline - now_ms();
    job->timed_out = left <= 0;
    if (job->timed_out || cancelled(job->job.cancel)) return false;
    if (poll(fds, 3, left < CANCEL_CHECK_MS ? (int)left : CANCEL_CHECK_MS) <= 0) continue;
    for (int i = 0; i < 2; i++)
      if (fds[i].revents != 0) take_output(job, &job->outputs[i]);
    if (fds[2].revents != 0) ended = true;
  }
  return true;
}

static void run(struct job *base) {
  struct run_program_job *job = (struct run_program_job *)base;
  int out[2] = {-1, -1}, err[2] = {-1, -1}, pidfd = -1;
  pid_t pid = -1;
  int input = open_input(job);
  if (input < 0) job_fail(base, errno, "memfd_create", job->path);
  else if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) job_fail(base, errno, "pipe2", job->path);
  else {
    /* Node sees to it that 0 to 2 are open, so none of these is one of them. */
    struct child child = {.job = job, .stdio = {input, out[1], err[1]}};
    pidfd = start(job, &child, &pid);
  }
  if (input >= 0) close(input);
  if (out[1] >= 0) close(out[1]);
  if (err[1] >= 0) close(err[1]);
  job->outputs[0].fd = out[0];
  job->outputs[1].fd = err[0];
  if (pidfd >= 0) {
    bool finished = follow(job, pidfd);
    if (!finished) kill(-pid, SIGKILL);
    while (waitid(P_PIDFD, (id_t)pidfd, &job->end, WEXITED) != 0 && errno == EINTR) continue;
    close(pidfd);
    if (!finished && !job->timed_out) job_fail(base, ECANCELED, "waitid", job->path);
  }
  for (int i = 0; i < 2; i++)
    if (job->outputs[i].fd >= 0) close(job->outputs[i].fd);
}

static napi_value copy_of(napi_env env, const struct output *output) {
  napi_value buffer = NULL;
  napi_create_buffer_copy(env, output->length, output->bytes, NULL, &buffer);
  return buffer;
}

static napi_value result(napi_env env, struct job *base) {
  struct run_program_job *job = (struct run_program_job *)base;
  napi_value object = NULL;
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "stdout", copy_of(env, &job->outputs[0]));
  napi_set_named_property(env, object, "stderr", copy_of(env, &job->outputs[1]));
  if (!job->timed_out) set_number(env, object, job->end.si_code == CLD_EXITED ? "code" : "signal", job->end.si_status);
  return object;
}

static void release(struct job *base) {
  struct run_program_job *job = (struct run_program_job *)base;
  free(job->path);
  free_strings(job->argv);
  free_strings(job->envp);
  free(job->directory);
  free(job->outputs[0].bytes);
  free(job->outputs[1].bytes);
}

/*
 * runProgram(path, argv, envp, directory, input | null, timeoutMs, maxOutputBytes, cancel):
 * Promise<{ stdout, stderr, code?, signal? }>, neither code nor signal if it was killed for its time
 */
napi_value run_program(napi_env env, napi_callback_info info) {
  struct args args;
  args_read(env, info, &args);
  struct run_program_job *job = job_create(env, sizeof *job, run);
  if (job == NULL) return NULL;
  job->job.result = result;
  job->job.release = release;
  napi_valuetype input = napi_null;
  if (args.count > 4) napi_typeof(env, args.values[4], &input);
  uint8_t *bytes = NULL;
  if (!arg_string(&args, 0, &job->path) || !arg_strings(&args, 1, &job->argv) || !arg_strings(&args, 2, &job->envp) ||
      !arg_string(&args, 3, &job->directory) ||
      (input != napi_null && !arg_bytes(&args, 4, &bytes, &job->input_length)) ||
      !arg_int64(&args, 5, &job->timeout_ms) || !arg_int64(&args, 6, &job->max_output) ||
      !arg_cancel_word(&args, 7, &job->job.cancel)) {
    job_discard(env, &job->job);
    return NULL;
  }
  job->input = bytes;
  job_keep(env, &job->job, args.values[4]);
  job_keep(env, &job->job, args.values[7]);
  return job_start(env, &job->job, JOB_THREAD);
}
