/* The addon's table of functions. See addon.h. */
#include "addon.h"

#include "addon_state.h"

#define EXPORT(name, function) {name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      EXPORT("fsMount", fs_mount),
      EXPORT("bindMount", bind_mount),
      EXPORT("classicMount", classic_mount),
      EXPORT("unmount", unmount),
      EXPORT("closeDescriptor", close_descriptor),
      EXPORT("makeDirectories", make_directories),
      EXPORT("spreadDirectories", spread_directories),
      EXPORT("syncPath", sync_path),
      EXPORT("syncFileSystem", sync_file_system),
      EXPORT("makeFifo", make_fifo),
      EXPORT("makePipe", make_pipe),
      EXPORT("lockFile", lock_file),
      EXPORT("readFileInRoot", read_file_in_root),
      EXPORT("removeTree", remove_tree),
      EXPORT("removeEntries", remove_entries),
      EXPORT("diskUsage", disk_usage),
      EXPORT("peerCredentials", peer_credentials),
      EXPORT("pidfdOpen", pidfd_open_process),
      EXPORT("pidfdSignal", pidfd_signal),
      EXPORT("pidfdCopyDescriptor", pidfd_copy_descriptor),
      EXPORT("pidfdReap", pidfd_reap),
      EXPORT("setSubreaper", set_subreaper),
      EXPORT("joinCgroup", join_cgroup),
      EXPORT("runProgram", run_program),
      EXPORT("pidfdWait", pidfd_wait),
      EXPORT("pidfdWaitCancel", pidfd_wait_cancel),
      EXPORT("hashCreate", hash_create),
      EXPORT("hashDigest", hash_digest),
      EXPORT("hashUpdate", hash_update),
      EXPORT("hashWrite", hash_write),
      EXPORT("hashFile", hash_file),
      EXPORT("extendedAttributes", extended_attributes),
      EXPORT("applyLayer", apply_layer),
  };
  if (addon_state_open(env) != napi_ok) {
    napi_throw_error(env, NULL, "cannot set up the native addon");
    return NULL;
  }
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}
