/*
 * Reading arguments and making results and errors of N-API calls.
 * A getter that returns false has thrown a TypeError: return NULL to JavaScript at once.
 */
#ifndef GANTRY_ARGS_H
#define GANTRY_ARGS_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ARGS 14

struct args {
  napi_env env;
  size_t count;
  napi_value values[MAX_ARGS];
};

void args_read(napi_env env, napi_callback_info info, struct args *args);

/* A malloc'ed NUL-terminated copy. A string that itself contains a NUL is refused. */
bool arg_string(const struct args *args, size_t index, char **text);
/* As arg_string, but null and undefined give NULL. */
bool arg_optional_string(const struct args *args, size_t index, char **text);
bool arg_int32(const struct args *args, size_t index, int32_t *number);
bool arg_uint32(const struct args *args, size_t index, uint32_t *number);
/* Whole numbers up to 2^53 - 1, as JavaScript counts bytes. */
bool arg_int64(const struct args *args, size_t index, int64_t *number);
bool arg_bool(const struct args *args, size_t index, bool *flag);
/* The bytes of a Buffer or Uint8Array; valid while the value is kept alive. */
bool arg_bytes(const struct args *args, size_t index, uint8_t **bytes, size_t *length);
/* A malloc'ed NULL-terminated array of malloc'ed strings; free with free_strings. */
bool arg_strings(const struct args *args, size_t index, char ***strings);
/* The word at index 0 of an Int32Array: not 0 once the caller has given up. Valid while the value is kept alive. */
bool arg_cancel_word(const struct args *args, size_t index, int32_t **word);

void free_strings(char **strings);

napi_value make_undefined(napi_env env);
napi_value make_number(napi_env env, double number);
napi_value make_text(napi_env env, const char *text, size_t length);
void set_number(napi_env env, napi_value object, const char *name, double number);

/*
 * An Error with `errno`, `code` (as "ENOENT"), `description` (the kernel's words, as "No such file or directory"),
 * `syscall`, and `path` and `detail` where known. The TypeScript side turns it into a GantryError.
 */
napi_value make_errno_error(napi_env env, int error, const char *syscall, const char *path, const char *detail);
/* Throws such an error; returns NULL for the caller to return. */
napi_value throw_errno(napi_env env, int error, const char *syscall, const char *path);

static inline bool cancelled(const int32_t *word) {
  return word != NULL && __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
}

#endif
