/* Runs the harness over files, for compilers without libFuzzer: each argument is a file or a directory of files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_SIZE = 1 << 20 };

static long runs;

static void run_file(const char *path) {
  static uint8_t data[MAX_SIZE];
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  /* A copy of exactly that size, so that reading beyond it is noticed. */
  uint8_t *copy = malloc(size + (size == 0));
  if (copy == NULL) exit(1);
  for (size_t i = 0; i < size; i++) copy[i] = data[i];
  fprintf(stderr, "%s\n", path);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  runs++;
}

static void run_directory(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, alphasort);
  if (count < 0) {
    perror(path);
    exit(1);
  }
  for (int i = 0; i < count; i++) {
    char *name;
    if (entries[i]->d_name[0] != '.' && asprintf(&name, "%s/%s", path, entries[i]->d_name) >= 0) {
      run_file(name);
      free(name);
    }
    free(entries[i]);
  }
  free(entries);
}

int main(int argc, char **argv) {
  LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc; i++) {
    struct stat status;
    if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode)) run_directory(argv[i]);
    else run_file(argv[i]);
  }
  printf("%ld runs\n", runs);
  return 0;
}
