/* The shim's own socket: where it is, making it, and telling a live one from a leftover. */
#pragma once
#include <stdbool.h>

/* <dir>/<hex sha256 of "<grpc address>/<ns>/<group>"> in fresh memory; NULL when memory is short. */
char *address_path(const char *dir, const char *grpc_address, const char *ns, const char *group);
/* The path in an address file or "unix://" address: the part after unix://. */
const char *address_strip(const char *address);
/* True when something accepts connections at path. */
bool address_live(const char *path);
/*
 * Listens at path with mode 0600, its directory made with mode 0700. Replaces a leftover. The descriptor (close-on-exec,
 * non-blocking), or -1 with errno; EADDRINUSE: a live socket is there.
 */
int address_listen(const char *path);
/* Unlinks the socket at path unless it is live. */
void address_remove_dead(const char *path);
