#include "args.h"
#include "check.h"

#define PARSE(a, ...) parse(a, (const char *const[]){"shim", __VA_ARGS__, NULL})

static bool parse(struct args *a, const char *const *argv)
{
	int n = 0;
	while (argv[n])
		n++;
	return args_parse(a, n, argv);
}

void test_args(void)
{
	struct args a;
	CHECK(PARSE(&a, "-namespace", "ns", "-address", "/a", "-publish-binary", "/b", "-id", "x",
		    "-debug", "start"));
	CHECK_STR(a.ns, "ns");
	CHECK_STR(a.address, "/a");
	CHECK_STR(a.id, "x");
	CHECK(a.debug && a.action == ACTION_START);
	CHECK(PARSE(&a, "--id=y", "-namespace=n", "-debug=false", "--bundle", "/p", "delete"));
	CHECK_STR(a.id, "y");
	CHECK_STR(a.bundle, "/p");
	CHECK(!a.debug && a.action == ACTION_DELETE);
	CHECK(PARSE(&a, "-v") && a.version && a.action == ACTION_SERVE);
	CHECK(!PARSE(&a, "-nope"));
	CHECK_STR(a.error, "flag provided but not defined: -nope");
	CHECK(!PARSE(&a, "-id"));
	CHECK_STR(a.error, "flag needs an argument: -id");
	CHECK(!PARSE(&a, "-debug=maybe"));
	CHECK(!PARSE(&a, "stop"));
}
