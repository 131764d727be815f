/*
 * What the parts of applying one layer share. One thread works on it; see apply_layer.c for the whole.
 */
#ifndef GANTRY_LAYER_H
#define GANTRY_LAYER_H

#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "directory_cache.h"
#include "entry_set.h"
#include "job.h"
#include "write_behind.h"

/* How deletions are written down in the target. */
enum whiteout_mode {
  WHITEOUT_PLAIN,        /* deleted from the directory at once */
  WHITEOUT_OVERLAY,      /* overlayfs: device 0:0, trusted.overlay.opaque */
  WHITEOUT_OVERLAY_USER, /* overlayfs mounted with userxattr: device 0:0, user.overlay.opaque */
};

struct layer_limits {
  int64_t max_entries;
  int64_t max_name_bytes;
};

/* Times of a directory, to be set after everything in it has been written. */
struct directory_times {
  char *path;
  struct timespec times[2]; /* access, modification */
};

struct layer {
  struct job *job; /* takes the failure */
  const int32_t *cancel;
  int root;
  enum whiteout_mode mode;
  int *parents; /* roots of the layers below, nearest first; they lend attributes to directories the layer implies */
  size_t parent_count;
  struct layer_limits limits;

  int64_t entries;
  int64_t implied_directories; /* made for what lies below them, before or without an entry of their own */
  bool entries_done; /* only the times of directories are still to be set */
  bool opaque_root; /* the layer hides everything below it */
  struct write_behind files; /* made, and to be written to the disk */
  struct entry_set written; /* every entry that this layer put where it is */
  struct directory_cache cache;
  struct directory_times *directories;
  size_t directory_count, directory_capacity;
};

/* One entry of the archive, with its names made canonical: relative to the root, no ".", "..", or double slashes. */
struct layer_entry {
  struct archive_entry *header;
  char *path;       /* "a/b/c"; "" for the root itself */
  char *parent;     /* "a/b" */
  const char *name; /* "c", in `path` */
  mode_t type;      /* S_IFMT bits; 0 for a hard link */
  mode_t mode;      /* 07777 bits */
  uid_t uid;
  gid_t gid;
  struct timespec times[2]; /* access, modification */
};

/* Records a failure about a path of the layer, and returns false. */
bool layer_fail(struct layer *layer, int error, const char *syscall, const char *path);
/* The same in words; `error` decides on its kind. */
bool layer_refuse(struct layer *layer, int error, const char *path, const char *words);

#endif
