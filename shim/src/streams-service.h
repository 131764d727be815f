/* gantry.shim.v1.Streams: our own service beside the task service, see proto/gantry/shim/v1/streams.proto. */
#pragma once
#include "server.h"

extern const struct method streams_methods[];
