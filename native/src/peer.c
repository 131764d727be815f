/*
 * Who is at the other end of a unix socket.
 * man pages: unix(7), getsockopt(2)
 */
#include <errno.h>
#include <sys/socket.h>

#include "addon.h"
#include "args.h"

/* peerCredentials(fd): { pid, uid, gid } */
napi_value peer_credentials(napi_env env, napi_callback_info info) {
  struct args args;
  int32_t fd;
  args_read(env, info, &args);
  if (!arg_int32(&args, 0, &fd)) return NULL;
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return throw_errno(env, errno, "getsockopt", NULL);
  napi_value object = NULL;
  napi_create_object(env, &object);
  set_number(env, object, "pid", peer.pid);
  set_number(env, object, "uid", peer.uid);
  set_number(env, object, "gid", peer.gid);
  return object;
}
