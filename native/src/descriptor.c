/*
 * Descriptors that the addon opened. Node's own close warns, in workers, of those it does not know.
 * man pages: close(2)
 */
#include <errno.h>
#include <unistd.h>

#include "addon.h"
#include "args.h"

/* closeDescriptor(fd) */
napi_value close_descriptor(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t fd;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &fd)) return NULL;
  if (close(fd) != 0 && errno != EINTR) return throw_errno(env, errno, "close", NULL);
  return make_undefined(env);
}
