/*
 * The capabilities a program file grants, as they are stored.
 * man pages: capabilities(7) ("File capability extended attribute"), fgetxattr(2)
 */
#include <errno.h>
#include <sys/xattr.h>

#include "addon.h"
#include "args.h"

/* fileCapability(fd): Buffer, or undefined if the file grants none. Returns at once, so it needs no thread. */
napi_value file_capability(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t fd;
  /* vfs_ns_cap_data, the longest form the kernel knows, has 24 bytes. */
  char value[64];
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &fd)) return NULL;
  ssize_t length = fgetxattr(fd, "security.capability", value, sizeof value);
  if (length < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return make_undefined(env);
  if (length < 0) return throw_errno(env, errno, "fgetxattr", NULL);
  napi_value buffer = NULL;
  napi_create_buffer_copy(env, (size_t)length, value, NULL, &buffer);
  return buffer;
}
