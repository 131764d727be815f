#include <stdlib.h>

#include "check.h"
#include "json.h"

/* The tokens of a text, one letter each; '!' ends a malformed one. */
static const char *tokens(const char *text)
{
	static char out[64];
	struct json j = json_over(text, strlen(text));
	size_t n = 0;
	while (n < sizeof out - 1) {
		enum json_tok t = json_next(&j);
		if (t == JSON_END)
			break;
		out[n++] = "!.{}[]ks0tfn"[t];
		if (t == JSON_ERROR)
			break;
	}
	out[n] = 0;
	return out;
}

static char *unescaped(const char *text)
{
	struct json j = json_over(text, strlen(text));
	return json_next(&j) == JSON_STRING ? json_strdup(&j) : NULL;
}

static void check_string(const char *text, const char *want)
{
	char *s = unescaped(text);
	if (want)
		CHECK_STR(s, want);
	else
		CHECK(!s);
	free(s);
}

static void depth_is_bounded(void)
{
	char deep[600];
	memset(deep, '[', sizeof deep);
	struct json j = json_over(deep, sizeof deep);
	enum json_tok t;
	int n = 0;
	while ((t = json_next(&j)) == JSON_ARRAY)
		n++;
	CHECK(t == JSON_ERROR && n == JSON_DEPTH_MAX);
}

void test_json(void)
{
	CHECK_STR(tokens("{\"a\":[1,true,null],\"b\":{}}"), "{k[0tn]k{}}");
	CHECK_STR(tokens(" {} {} "), "{}{}");
	CHECK_STR(tokens("[]"), "[]");
	CHECK_STR(tokens("[1,]"), "[0!");
	CHECK_STR(tokens("{\"a\" 1}"), "{!");
	CHECK_STR(tokens("{\"a\":1,}"), "{k0!");
	CHECK_STR(tokens("[}"), "[!");
	CHECK_STR(tokens("{"), "{!");
	CHECK_STR(tokens("\"abc"), "!");
	CHECK_STR(tokens("\"a\\"), "!");
	CHECK_STR(tokens("}"), "!");
	check_string("\"a\\n\\u00e9\\ud83d\\ude00\\/\"", "a\n\xc3\xa9\xf0\x9f\x98\x80/");
	check_string("\"\\ud83dx\"", "\xef\xbf\xbdx");
	check_string("\"\\u0000\"", NULL);
	check_string("\"\\q\"", NULL);
	check_string("\"\\u12\"", NULL);
	struct json j = json_over("{\"x\":{\"a\":[1,{}]},\"y\":2}", 26);
	CHECK(json_next(&j) == JSON_OBJECT && json_find(&j, "y") == JSON_NUMBER);
	CHECK(json_find(&j, "z") == JSON_OBJECT_END);
	depth_is_bounded();
}
