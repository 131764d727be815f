#include "checkpoint-options.h"

#include <stdlib.h>

void checkpoint_options_free(struct checkpoint_options *o)
{
	for (unsigned i = 0; i < o->nempty; i++)
		free(o->empty_namespaces[i]);
	free(o->cgroups_mode);
	free(o->work_path);
	free(o->parent_path);
	*o = (struct checkpoint_options){0};
}

static bool take_text(char **at, const struct pb *r)
{
	free(*at);
	*at = NULL;
	return !r->len || (*at = pb_strdup(r));
}

static bool take_namespace(struct checkpoint_options *o, const struct pb *r)
{
	if (o->nempty == CHECKPOINT_NAMESPACES_MAX)
		return false;
	char *name = pb_strdup(r);
	if (name)
		o->empty_namespaces[o->nempty++] = name;
	return name;
}

static bool take_field(struct checkpoint_options *o, const struct pb *r)
{
	bool *flags[] = {NULL, &o->exit, &o->open_tcp, &o->external_unix_sockets, &o->terminal, &o->file_locks};
	char **text = r->field == 7 ? &o->cgroups_mode : r->field == 9 ? &o->work_path : r->field == 10 ? &o->parent_path : NULL;
	if (r->wire == PB_VARINT && r->field < sizeof flags / sizeof *flags)
		*flags[r->field] = r->num;
	else if (r->wire == PB_BYTES && r->field == 6)
		return take_namespace(o, r);
	else if (r->wire == PB_BYTES && text)
		return take_text(text, r);
	return true;
}

bool checkpoint_options_from_any(struct checkpoint_options *o, const uint8_t *any, size_t len)
{
	struct pb value;
	*o = (struct checkpoint_options){0};
	bool ok = pb_any_value(any, len, "containerd.runc.v1.CheckpointOptions", &value);
	while (ok && pb_next(&value))
		ok = take_field(o, &value);
	return ok && !value.bad;
}
