#include "args.h"

#include <stdio.h>
#include <string.h>

static const char **text_flag(struct args *a, const char *name, size_t len)
{
	const struct {
		const char *name;
		const char **at;
	} flags[] = {{"namespace", &a->ns}, {"id", &a->id}, {"address", &a->address}, {"bundle", &a->bundle},
		     {"publish-binary", &a->publish_binary}, {"socket", &a->socket}};
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strlen(flags[i].name) == len && !strncmp(flags[i].name, name, len))
			return flags[i].at;
	return NULL;
}

static bool *bool_flag(struct args *a, const char *name, size_t len)
{
	const struct {
		const char *name;
		bool *at;
	} flags[] = {{"debug", &a->debug}, {"v", &a->version}, {"version", &a->version}, {"info", &a->info}};
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strlen(flags[i].name) == len && !strncmp(flags[i].name, name, len))
			return flags[i].at;
	return NULL;
}

/* The truth words Go accepts; -1 for anything else. */
static int truth(const char *s)
{
	static const char *const words[2][6] = {{"0", "f", "F", "false", "FALSE", "False"},
						{"1", "t", "T", "true", "TRUE", "True"}};
	for (int v = 0; v < 2; v++)
		for (int i = 0; i < 6; i++)
			if (!strcmp(s, words[v][i]))
				return v;
	return -1;
}

/* Parses argv[i]; the index of the next argument, or -1. */
static int parse_flag(struct args *a, int argc, const char *const *argv, int i)
{
	const char *name = argv[i] + (argv[i][1] == '-' ? 2 : 1), *eq = strchr(name, '=');
	size_t len = eq ? (size_t)(eq - name) : strlen(name);
	bool *flag = bool_flag(a, name, len);
	const char **text = text_flag(a, name, len);
	if (flag) {
		int v = eq ? truth(eq + 1) : 1;
		if (v < 0)
			snprintf(a->error, sizeof a->error, "invalid boolean value \"%.60s\" for -%.40s", eq + 1, name);
		*flag = v > 0;
		return v < 0 ? -1 : i + 1;
	}
	if (text && (eq || i + 1 < argc)) {
		*text = eq ? eq + 1 : argv[i + 1];
		return eq ? i + 1 : i + 2;
	}
	snprintf(a->error, sizeof a->error, text ? "flag needs an argument: -%.*s" : "flag provided but not defined: -%.*s",
		 (int)(len > 60 ? 60 : len), name);
	return -1;
}

bool args_parse(struct args *a, int argc, const char *const *argv)
{
	*a = (struct args){.ns = "", .id = "", .address = "", .publish_binary = "", .bundle = "", .socket = ""};
	int i = 1;
	while (i > 0 && i < argc && argv[i][0] == '-' && argv[i][1]) {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		i = parse_flag(a, argc, argv, i);
	}
	if (i < 0)
		return false;
	const char *action = i < argc ? argv[i] : "";
	a->action = !strcmp(action, "start") ? ACTION_START : !strcmp(action, "delete") ? ACTION_DELETE : ACTION_SERVE;
	if (*action && a->action == ACTION_SERVE) {
		snprintf(a->error, sizeof a->error, "unknown action %.60s", action);
		return false;
	}
	return true;
}
