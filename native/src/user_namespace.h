/* User namespaces that exist only to tell how a mount maps ids. man pages: user_namespaces(7), mount_setattr(2) */
#pragma once

/*
 * A descriptor of a new user namespace with these maps, in the format of /proc/PID/uid_map: lines of "inside outside
 * count". -1 with errno on failure; `*failed` then names the call.
 */
int user_namespace(const char *uid_map, const char *gid_map, const char **failed);
