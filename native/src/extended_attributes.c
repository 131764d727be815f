/*
 * The extended attributes of one name in a directory.
 * man pages: llistxattr(2), lgetxattr(2), xattr(7), proc(5) (/proc/self/fd)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "addon.h"
#include "args.h"

/* The longest that the kernel hands out, of names and of one value: XATTR_LIST_MAX and XATTR_SIZE_MAX. */
enum { MAX_BYTES = 65536 };

/* The directory by its descriptor: only the last name is looked up, and a link there is not followed. */
static char *path_of(int32_t directory, const uint8_t *name, size_t length) {
  char *path = NULL;
  return asprintf(&path, "/proc/self/fd/%d/%.*s", directory, (int)length, (const char *)name) < 0 ? NULL : path;
}

/* Appends name and value to the list; false with errno set. One that is gone meanwhile is left out. */
static bool append(napi_env env, napi_value list, uint32_t *count, const char *path, const char *name, char *value) {
  ssize_t length = lgetxattr(path, name, value, MAX_BYTES);
  if (length < 0) return errno == ENODATA;
  napi_value bytes = NULL;
  napi_create_buffer_copy(env, (size_t)length, value, NULL, &bytes);
  napi_set_element(env, list, (*count)++, make_text(env, name, NAPI_AUTO_LENGTH));
  napi_set_element(env, list, (*count)++, bytes);
  return true;
}

static napi_value list_of(napi_env env, const char *path, char *names, char *value) {
  napi_value list = NULL;
  uint32_t count = 0;
  napi_create_array(env, &list);
  ssize_t length = llistxattr(path, names, MAX_BYTES);
  if (length < 0 && errno == ENOTSUP) return list;
  if (length < 0) return throw_errno(env, errno, "llistxattr", NULL);
  for (const char *name = names; name < names + length; name += strlen(name) + 1)
    if (!append(env, list, &count, path, name, value)) return throw_errno(env, errno, "lgetxattr", NULL);
  return list;
}

/*
 * extendedAttributes(directory fd, name as bytes): [name, value, name, value, ...], of the name itself and not of what
 * it may point to. Returns at once: for threads that may wait for a disk.
 */
napi_value extended_attributes(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t directory;
  uint8_t *name;
  size_t length;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &directory) || !arg_bytes(&args, 1, &name, &length)) return NULL;
  char *path = path_of(directory, name, length);
  char *buffers = malloc(2 * MAX_BYTES);
  napi_value list = path == NULL || buffers == NULL ? throw_errno(env, ENOMEM, "llistxattr", NULL)
                                                    : list_of(env, path, buffers, buffers + MAX_BYTES);
  free(buffers);
  free(path);
  return list;
}
