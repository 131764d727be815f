/*
 * Reading arguments and making results and errors of N-API calls. See args.h.
 * man pages: strerrorname_np(3)
 */
#include "args.h"

#include <stdlib.h>
#include <string.h>

void args_read(napi_env env, napi_callback_info info, struct args *args) {
  memset(args, 0, sizeof *args);
  args->env = env;
  args->count = MAX_ARGS;
  napi_get_cb_info(env, info, &args->count, args->values, NULL, NULL);
  if (args->count > MAX_ARGS) args->count = MAX_ARGS;
}

static bool refuse(const struct args *args, const char *message) {
  napi_throw_type_error(args->env, "ERR_INVALID_ARG_TYPE", message);
  return false;
}

static bool value_string(const struct args *args, napi_value value, char **text) {
  size_t length = 0;
  if (value == NULL || napi_get_value_string_utf8(args->env, value, NULL, 0, &length) != napi_ok)
    return refuse(args, "expected a string");
  char *copy = malloc(length + 1);
  if (copy == NULL) return refuse(args, "out of memory");
  napi_get_value_string_utf8(args->env, value, copy, length + 1, &length);
  if (memchr(copy, '\0', length) != NULL) {
    free(copy);
    return refuse(args, "string contains a NUL character");
  }
  *text = copy;
  return true;
}

bool arg_string(const struct args *args, size_t index, char **text) {
  return value_string(args, args->values[index], text);
}

bool arg_optional_string(const struct args *args, size_t index, char **text) {
  *text = NULL;
  napi_valuetype type = napi_undefined;
  if (args->values[index] != NULL) napi_typeof(args->env, args->values[index], &type);
  if (type == napi_undefined || type == napi_null) return true;
  return arg_string(args, index, text);
}

bool arg_int64(const struct args *args, size_t index, int64_t *number) {
  double value;
  if (args->values[index] == NULL || napi_get_value_double(args->env, args->values[index], &value) != napi_ok)
    return refuse(args, "expected a number");
  if (!(value >= -9007199254740991.0 && value <= 9007199254740991.0) || value != (double)(int64_t)value)
    return refuse(args, "expected a whole number");
  *number = (int64_t)value;
  return true;
}

bool arg_int32(const struct args *args, size_t index, int32_t *number) {
  int64_t value;
  if (!arg_int64(args, index, &value)) return false;
  if (value < INT32_MIN || value > INT32_MAX) return refuse(args, "number out of range");
  *number = (int32_t)value;
  return true;
}

bool arg_uint32(const struct args *args, size_t index, uint32_t *number) {
  int64_t value;
  if (!arg_int64(args, index, &value)) return false;
  if (value < 0 || value > UINT32_MAX) return refuse(args, "number out of range");
  *number = (uint32_t)value;
  return true;
}

bool arg_bool(const struct args *args, size_t index, bool *flag) {
  if (args->values[index] == NULL || napi_get_value_bool(args->env, args->values[index], flag) != napi_ok)
    return refuse(args, "expected a boolean");
  return true;
}

bool arg_bytes(const struct args *args, size_t index, uint8_t **bytes, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (args->values[index] == NULL ||
      napi_get_typedarray_info(args->env, args->values[index], &type, length, &data, NULL, NULL) != napi_ok ||
      type != napi_uint8_array)
    return refuse(args, "expected a Uint8Array");
  *bytes = data;
  return true;
}

bool arg_cancel_word(const struct args *args, size_t index, int32_t **word) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  if (args->values[index] == NULL ||
      napi_get_typedarray_info(args->env, args->values[index], &type, &length, &data, NULL, NULL) != napi_ok ||
      type != napi_int32_array || length < 1)
    return refuse(args, "expected an Int32Array");
  *word = data;
  return true;
}

bool arg_strings(const struct args *args, size_t index, char ***strings) {
  uint32_t count = 0;
  if (args->values[index] == NULL || napi_get_array_length(args->env, args->values[index], &count) != napi_ok)
    return refuse(args, "expected an array of strings");
  char **list = calloc((size_t)count + 1, sizeof *list);
  if (list == NULL) return refuse(args, "out of memory");
  for (uint32_t i = 0; i < count; i++) {
    napi_value element = NULL;
    napi_get_element(args->env, args->values[index], i, &element);
    if (!value_string(args, element, &list[i])) {
      free_strings(list);
      return false;
    }
  }
  *strings = list;
  return true;
}

void free_strings(char **strings) {
  if (strings == NULL) return;
  for (char **each = strings; *each != NULL; each++) free(*each);
  free(strings);
}

napi_value make_undefined(napi_env env) {
  napi_value value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

napi_value make_number(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value make_text(napi_env env, const char *text, size_t length) {
  napi_value value = NULL;
  napi_create_string_utf8(env, text, length, &value);
  return value;
}

void set_number(napi_env env, napi_value object, const char *name, double number) {
  napi_set_named_property(env, object, name, make_number(env, number));
}

static void set_text(napi_env env, napi_value object, const char *name, const char *text) {
  if (text != NULL) napi_set_named_property(env, object, name, make_text(env, text, NAPI_AUTO_LENGTH));
}

napi_value make_errno_error(napi_env env, int error, const char *syscall, const char *path, const char *detail) {
  const char *code = strerrorname_np(error);
  const char *description = strerrordesc_np(error);
  if (code == NULL) code = "EUNKNOWN";
  if (description == NULL) description = "Unknown error";
  napi_value object = NULL;
  napi_value code_value = make_text(env, code, NAPI_AUTO_LENGTH);
  napi_create_error(env, code_value, make_text(env, description, NAPI_AUTO_LENGTH), &object);
  set_number(env, object, "errno", error);
  set_text(env, object, "description", description);
  set_text(env, object, "syscall", syscall);
  set_text(env, object, "path", path);
  set_text(env, object, "detail", detail);
  return object;
}

napi_value throw_errno(napi_env env, int error, const char *syscall, const char *path) {
  napi_throw(env, make_errno_error(env, error, syscall, path, NULL));
  return NULL;
}
