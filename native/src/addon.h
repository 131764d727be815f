/*
 * Every function the addon offers to JavaScript. Arguments are checked in C only so far as to never crash; their
 * meaning is documented on the Sys interface in sys.ts.
 */
#ifndef GANTRY_ADDON_H
#define GANTRY_ADDON_H

#include <node_api.h>

#define ADDON_FUNCTION(name) napi_value name(napi_env env, napi_callback_info info)

/* fs_mount.c */ ADDON_FUNCTION(fs_mount);
/* bind_mount.c */ ADDON_FUNCTION(bind_mount);
/* classic_mount.c */ ADDON_FUNCTION(classic_mount);
/* unmount.c */ ADDON_FUNCTION(unmount);
/* descriptor.c */ ADDON_FUNCTION(close_descriptor);
/* make_directories.c */ ADDON_FUNCTION(make_directories);
/* spread_directories.c */ ADDON_FUNCTION(spread_directories);
/* sync.c */ ADDON_FUNCTION(sync_path);
ADDON_FUNCTION(sync_file_system);
/* fifo.c */ ADDON_FUNCTION(make_fifo);
/* pipe.c */ ADDON_FUNCTION(make_pipe);
/* lock.c */ ADDON_FUNCTION(lock_file);
/* read_in_root.c */ ADDON_FUNCTION(read_file_in_root);
/* remove_tree.c */ ADDON_FUNCTION(remove_tree);
/* remove_entries.c */ ADDON_FUNCTION(remove_entries);
/* disk_usage.c */ ADDON_FUNCTION(disk_usage);
/* peer.c */ ADDON_FUNCTION(peer_credentials);
/* process.c */ ADDON_FUNCTION(pidfd_open_process);
ADDON_FUNCTION(pidfd_signal);
ADDON_FUNCTION(pidfd_copy_descriptor);
ADDON_FUNCTION(pidfd_reap);
ADDON_FUNCTION(set_subreaper);
/* join_cgroup.c */ ADDON_FUNCTION(join_cgroup);
/* run_program.c */ ADDON_FUNCTION(run_program);
/* pidfd_wait.c */ ADDON_FUNCTION(pidfd_wait);
ADDON_FUNCTION(pidfd_wait_cancel);
/* hash.c */ ADDON_FUNCTION(hash_create);
ADDON_FUNCTION(hash_digest);
ADDON_FUNCTION(hash_update);
ADDON_FUNCTION(hash_write);
/* hash_file.c */ ADDON_FUNCTION(hash_file);
/* extended_attributes.c */ ADDON_FUNCTION(extended_attributes);
/* apply_layer.c */ ADDON_FUNCTION(apply_layer);

#endif
