/* State per environment. See addon_state.h. */
#include "addon_state.h"

#include <stdlib.h>

static void close_state(void *data) {
  struct addon_state *state = data;
  jobs_close(state);
  waiter_close(state->waiter);
  free(state);
}

napi_status addon_state_open(napi_env env) {
  struct addon_state *state = calloc(1, sizeof *state);
  if (state == NULL) return napi_generic_failure;
  napi_status status = napi_set_instance_data(env, state, NULL, NULL);
  if (status == napi_ok) status = napi_add_env_cleanup_hook(env, close_state, state);
  if (status != napi_ok) free(state);
  return status;
}

struct addon_state *addon_state_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}
