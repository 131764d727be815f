#include "json.h"

#include <string.h>

struct json json_over(const char *text, size_t len)
{
	return (struct json){.p = text, .end = text + len};
}

static void skip_space(struct json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r'))
		j->p++;
}

static bool in_object(const struct json *j)
{
	return j->depth && j->in_object[(j->depth - 1) / 8] >> ((j->depth - 1) % 8) & 1;
}

static void value_done(struct json *j)
{
	j->want = j->depth ? JSON_WANT_COMMA : JSON_WANT_VALUE;
}

static enum json_tok open_nested(struct json *j, bool object)
{
	if (j->depth == JSON_DEPTH_MAX)
		return JSON_ERROR;
	uint8_t bit = (uint8_t)(1u << (j->depth % 8));
	if (object)
		j->in_object[j->depth / 8] |= bit;
	else
		j->in_object[j->depth / 8] &= (uint8_t)~bit;
	j->depth++;
	j->p++;
	j->want = JSON_WANT_FIRST;
	return object ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_tok close_nested(struct json *j, bool object)
{
	if (in_object(j) != object || !j->depth)
		return JSON_ERROR;
	j->depth--;
	j->p++;
	value_done(j);
	return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static bool read_string(struct json *j)
{
	j->text = ++j->p;
	while (j->p < j->end && *j->p != '"') {
		if ((unsigned char)*j->p < 0x20)
			return false;
		j->p += *j->p == '\\' ? 2 : 1;
	}
	if (j->p >= j->end)
		return false;
	j->len = (size_t)(j->p++ - j->text);
	return true;
}

static enum json_tok read_word(struct json *j, const char *word, enum json_tok tok)
{
	size_t n = strlen(word);
	if ((size_t)(j->end - j->p) < n || memcmp(j->p, word, n))
		return JSON_ERROR;
	j->text = j->p;
	j->len = n;
	j->p += n;
	value_done(j);
	return tok;
}

static enum json_tok read_number(struct json *j)
{
	j->text = j->p;
	while (j->p < j->end && *j->p && strchr("+-.0123456789eE", *j->p))
		j->p++;
	j->len = (size_t)(j->p - j->text);
	value_done(j);
	return j->len ? JSON_NUMBER : JSON_ERROR;
}

static enum json_tok read_key(struct json *j)
{
	if (*j->p != '"' || !read_string(j))
		return JSON_ERROR;
	skip_space(j);
	if (j->p == j->end || *j->p++ != ':')
		return JSON_ERROR;
	j->want = JSON_WANT_VALUE;
	return JSON_KEY;
}

static enum json_tok read_value(struct json *j)
{
	switch (*j->p) {
	case '{':
		return open_nested(j, true);
	case '[':
		return open_nested(j, false);
	case '"':
		if (!read_string(j))
			return JSON_ERROR;
		value_done(j);
		return JSON_STRING;
	case 't':
		return read_word(j, "true", JSON_TRUE);
	case 'f':
		return read_word(j, "false", JSON_FALSE);
	case 'n':
		return read_word(j, "null", JSON_NULL);
	default:
		return read_number(j);
	}
}

enum json_tok json_next(struct json *j)
{
	skip_space(j);
	if (j->p == j->end)
		return j->depth ? JSON_ERROR : JSON_END;
	bool object = in_object(j);
	if ((j->want == JSON_WANT_FIRST || j->want == JSON_WANT_COMMA) && *j->p == (object ? '}' : ']'))
		return close_nested(j, object);
	if (j->want == JSON_WANT_COMMA) {
		if (*j->p++ != ',')
			return JSON_ERROR;
		skip_space(j);
		j->want = object ? JSON_WANT_KEY : JSON_WANT_VALUE;
	} else if (j->want == JSON_WANT_FIRST) {
		j->want = object ? JSON_WANT_KEY : JSON_WANT_VALUE;
	}
	if (j->p == j->end)
		return JSON_ERROR;
	return j->want == JSON_WANT_KEY ? read_key(j) : read_value(j);
}

bool json_skip(struct json *j, enum json_tok open)
{
	if (open != JSON_OBJECT && open != JSON_ARRAY)
		return open != JSON_ERROR;
	unsigned outside = j->depth - 1;
	while (j->depth > outside)
		if (json_next(j) == JSON_ERROR)
			return false;
	return true;
}

bool json_skip_value(struct json *j)
{
	enum json_tok t = json_next(j);
	return t != JSON_END && json_skip(j, t);
}

bool json_is(const struct json *j, const char *s)
{
	return strlen(s) == j->len && !memcmp(s, j->text, j->len);
}

enum json_tok json_find(struct json *j, const char *name)
{
	enum json_tok t;
	while ((t = json_next(j)) == JSON_KEY) {
		if (json_is(j, name))
			return json_next(j);
		if (!json_skip_value(j))
			return JSON_ERROR;
	}
	return t;
}
