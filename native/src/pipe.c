/*
 * Anonymous pipes.
 * man pages: pipe2(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"

/* makePipe(): [fd to read from, fd to write to], neither inherited by programs. */
napi_value make_pipe(napi_env env, napi_callback_info info) {
  (void)info;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return throw_errno(env, errno, "pipe2", NULL);
  napi_value pair = NULL;
  napi_create_array_with_length(env, 2, &pair);
  for (uint32_t i = 0; i < 2; i++) napi_set_element(env, pair, i, make_number(env, ends[i]));
  return pair;
}
