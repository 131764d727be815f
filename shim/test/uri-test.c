#include <stdlib.h>

#include "check.h"
#include "uri.h"

static void check_path(const char *uri, const char *want)
{
	char *p = uri_path(uri);
	if (want)
		CHECK_STR(p, want);
	else
		CHECK(!p);
	free(p);
}

void test_uri(void)
{
	CHECK(uri_kind("") == URI_NONE && uri_kind(NULL) == URI_NONE);
	CHECK(uri_kind("/run/fifo") == URI_FIFO);
	CHECK(uri_kind("file:///x") == URI_FILE);
	CHECK(uri_kind("binary:///x") == URI_BINARY && uri_kind("binary-v2:///x") == URI_BINARY_V2);
	CHECK(uri_kind("http://x") == URI_UNKNOWN);
	check_path("file:///a%20b?x#y", "/a b");
	check_path("file://host/a", NULL);
	check_path("file:///a%0", NULL);
	check_path("file:///a%00b", NULL);
	char **argv = uri_argv("binary:///bin/log?id=x+y&k&id=z&e=%3d");
	const char *const want[] = {"/bin/log", "id", "x y", "k", "", "e", "="};
	for (int i = 0; argv && i < 7; i++)
		CHECK_STR(argv[i], want[i]);
	CHECK(argv && !argv[7]);
	uri_free_argv(argv);
	CHECK(!uri_argv("binary:///bin/log?%zz"));
}
