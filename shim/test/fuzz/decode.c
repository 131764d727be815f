/* Everything that is decoded from bytes of others: protobuf messages, JSON documents, URIs. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrap.h"
#include "json.h"
#include "pb.h"
#include "spec.h"
#include "uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk_json(const uint8_t *data, size_t size)
{
	struct json j = json_over((const char *)data, size);
	enum json_tok t;
	while ((t = json_next(&j)) != JSON_ERROR && t != JSON_END)
		if (t == JSON_STRING || t == JSON_KEY)
			free(json_strdup(&j));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bootstrap b;
	struct buf out = {0};
	bootstrap_parse(&b, data, size, "i", "n");
	bootstrap_free(&b);
	struct pb r = pb_over(data, size);
	while (pb_next(&r))
		if (r.wire == PB_BYTES)
			free(pb_strdup(&r));
	walk_json(data, size);
	spec_process(data, size, true, &out);
	buf_free(&out);
	char *text = malloc(size + 1);
	if (text) {
		memcpy(text, data, size);
		text[size] = 0;
		free(uri_path(text));
		uri_free_argv(uri_kind(text) == URI_BINARY ? uri_argv(text) : NULL);
	}
	free(text);
	return 0;
}
