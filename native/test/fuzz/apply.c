/*
 * Bytes from a registry: a layer, applied to a directory beside which there are things that must stay as they are.
 *
 * The first byte chooses: bits 0-1 the compression that is named (0: told by the bytes), bits 2-3 how deletions are
 * written down, bit 4 layers below, bit 5 a directory that is not empty, bit 6 a source that is read on and on, bit 7
 * tight limits. The rest is the layer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer_apply.h"
#include "remove_entry.h"
#include "sandbox.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is beside the target. Its times lie in the past, so that a change of any kind can be told. */
static const char *const outside[] = {SANDBOX "/outside",    SANDBOX "/outside/file", SANDBOX "/outside/directory",
                                      SANDBOX "/parent",     SANDBOX "/parent/a",     SANDBOX "/parent/a/file",
                                      SANDBOX "/parent/a/b", SANDBOX};
enum { OUTSIDE_COUNT = sizeof outside / sizeof outside[0] };

static struct stat before[OUTSIDE_COUNT];
static int sandbox;

static void check(bool done, const char *what) {
  if (done) return;
  perror(what);
  abort();
}

static void make_directory(const char *path) {
  check(mkdir(path, 0750) == 0, path);
}

static void make_file(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  check(fd >= 0 && write(fd, "untouched", 9) == 9 && close(fd) == 0, path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  if (!sandbox_enter()) exit(1);
  sandbox = open(SANDBOX, O_PATH | O_DIRECTORY | O_CLOEXEC);
  check(sandbox >= 0, SANDBOX);
  make_directory(SANDBOX "/outside");
  make_file(SANDBOX "/outside/file");
  make_directory(SANDBOX "/outside/directory");
  make_directory(SANDBOX "/parent");
  make_directory(SANDBOX "/parent/a");
  make_directory(SANDBOX "/parent/a/b");
  make_file(SANDBOX "/parent/a/file");
  check(symlink("../outside", SANDBOX "/parent/link") == 0, "symlink");
  const struct timespec past[2] = {{1000000000, 1}, {1000000000, 1}};
  for (size_t i = 0; i < OUTSIDE_COUNT; i++) check(utimensat(AT_FDCWD, outside[i], past, 0) == 0, outside[i]);
  return 0;
}

static bool same(const struct stat *a, const struct stat *b) {
  return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid && a->st_nlink == b->st_nlink &&
         a->st_size == b->st_size && memcmp(&a->st_mtim, &b->st_mtim, sizeof a->st_mtim) == 0 &&
         memcmp(&a->st_ctim, &b->st_ctim, sizeof a->st_ctim) == 0;
}

static void look_outside(bool compare) {
  for (size_t i = 0; i < OUTSIDE_COUNT; i++) {
    struct stat now;
    check(stat(outside[i], &now) == 0, outside[i]);
    if (compare && !same(&now, &before[i])) {
      fprintf(stderr, "%s was changed\n", outside[i]);
      abort();
    }
    before[i] = now;
  }
}

/* A directory that an earlier layer, or a container, has left links in. */
static void fill_target(void) {
  make_directory(SANDBOX "/target/a");
  make_file(SANDBOX "/target/a/file");
  check(symlink("../outside", SANDBOX "/target/link") == 0, "symlink");
  check(symlink(SANDBOX "/outside/file", SANDBOX "/target/a/b") == 0, "symlink");
}

static void apply(const uint8_t *data, size_t size, uint8_t choice) {
  static char target[] = SANDBOX "/target", parent[] = SANDBOX "/parent";
  char *none[] = {NULL}, *parents[] = {parent, NULL};
  struct job job = {0};
  bool tight = (choice & 0x80) != 0;
  int fd = memfd_create("layer", MFD_CLOEXEC);
  check(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0, "memfd");
  struct layer_apply request = {
      .target = target,
      .parent_paths = (choice & 0x10) != 0 ? parents : none,
      .source = {.fd = fd,
                 .offset = (choice & 0x40) != 0 ? -1 : 0,
                 .length = -1,
                 .growth_fd = -1,
                 .compression = (enum compression)(choice & 3)},
      .stream_limits = {.max_size = tight ? 20000 : 16 << 20, .max_ratio = 1100},
      .layer = {.job = &job,
                .mode = (enum whiteout_mode)((choice >> 2 & 3) % 3),
                .limits = {.max_entries = tight ? 4 : 1000, .max_name_bytes = tight ? 50 : 4096}},
  };
  layer_apply_run(&request);
  if (job.error == 0 && strlen(request.diff_id) != SHA256_HEX_LENGTH) abort();
  free(job.path);
  free(job.detail);
  close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  char *failed = NULL;
  make_directory(SANDBOX "/target");
  if ((data[0] & 0x20) != 0) fill_target();
  look_outside(false);
  apply(data + 1, size - 1, data[0]);
  look_outside(true);
  errno = remove_entry(sandbox, "target", NULL, &failed);
  check(errno == 0, failed == NULL ? "remove" : failed);
  return 0;
}
