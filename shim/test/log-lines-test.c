#include <stdlib.h>

#include "check.h"
#include "log-lines.h"

static uint8_t room[2 * LOG_RECORD_MAX];
static struct buf text;

static void flush(struct log_out *o)
{
	buf_add(&text, o->p, o->len);
	o->len = 0;
}

static struct log_out out_for(enum log_format format)
{
	struct log_out o = {.p = room, .cap = sizeof room, .flush = flush, .format = format, .stream = "stdout"};
	log_out_time(&o, (struct timespec){1700000000, 7});
	text.len = 0;
	return o;
}

#define TIME "2023-11-14T22:13:20.000000007Z"

static void lines_become_records(void)
{
	struct log_lines l = {0};
	struct log_out o = out_for(LOG_CRI);
	log_lines_feed(&l, &o, (const uint8_t *)"one\n\ntw", 7);
	log_lines_feed(&l, &o, (const uint8_t *)"o\nrest", 6);
	flush(&o);
	CHECK_STR(buf_cstr(&text), TIME " stdout F one\n" TIME " stdout F \n" TIME " stdout F two\n");
	log_lines_end(&l, &o);
	flush(&o);
	CHECK(strstr(buf_cstr(&text), " stdout P rest\n") && !l.held);
	log_lines_end(&l, &o);
	CHECK(!o.len);

	o = out_for(LOG_JSON);
	log_lines_feed(&l, &o, (const uint8_t *)"a\"\\\t\x01\xc3\xa4\xff\n", 9);
	log_lines_feed(&l, &o, (const uint8_t *)"end", 3);
	log_lines_end(&l, &o);
	log_out_lost(&o, 12, "No space left on device");
	flush(&o);
	CHECK_STR(buf_cstr(&text),
		  "{\"log\":\"a\\\"\\\\\\t\\u0001\xc3\xa4\\ufffd\\n\",\"stream\":\"stdout\",\"time\":\"" TIME "\"}\n"
		  "{\"log\":\"end\",\"stream\":\"stdout\",\"time\":\"" TIME "\"}\n"
		  "{\"log\":\"\",\"stream\":\"stdout\",\"attrs\":{\"gantry.lost_bytes\":\"12\","
		  "\"gantry.error\":\"No space left on device\"},\"time\":\"" TIME "\"}\n");
}

/* Lengths of the records' lines, in order, the parts negative; CRI, because there nothing is escaped. */
static int lengths(int *out, int max)
{
	int n = 0;
	for (const char *p = buf_cstr(&text); *p && n < max; n++) {
		const char *end = strchr(p, '\n'), *tag = p + LOG_TIME_LEN + 8;
		out[n] = (int)(end - tag - 2) * (*tag == 'P' ? -1 : 1);
		p = end + 1;
	}
	return n;
}

/* However the bytes arrive, a line longer than the limit is cut at the same places. */
static void long_lines_are_cut(size_t step)
{
	static uint8_t data[3 * LOG_LINE_MAX];
	struct log_lines l = {0};
	struct log_out o = out_for(LOG_CRI);
	int got[8];
	memset(data, 'x', sizeof data);
	data[LOG_LINE_MAX] = '\n';                /* just the limit: whole */
	data[2 * LOG_LINE_MAX + 2] = '\n';        /* one more: a part and one byte */
	for (size_t at = 0; at < sizeof data; at += step)
		log_lines_feed(&l, &o, data + at, sizeof data - at < step ? sizeof data - at : step);
	log_lines_end(&l, &o);
	flush(&o);
	CHECK(lengths(got, 8) == 4);
	CHECK(got[0] == LOG_LINE_MAX && got[1] == -LOG_LINE_MAX && got[2] == 1 && got[3] == -(LOG_LINE_MAX - 3));
}

/* A character at the cut is not torn, and every byte arrives. */
static void characters_stay_whole(void)
{
	static uint8_t data[LOG_LINE_MAX + 4];
	struct log_lines l = {0};
	struct log_out o = out_for(LOG_JSON);
	memset(data, 'x', sizeof data);
	memcpy(data + LOG_LINE_MAX - 1, "\xe2\x82\xac", 3);
	data[LOG_LINE_MAX + 2] = '\n';
	log_lines_feed(&l, &o, data, LOG_LINE_MAX + 3);
	flush(&o);
	CHECK(strstr(buf_cstr(&text), "{\"log\":\"\xe2\x82\xac\\n\"") && !strstr(buf_cstr(&text), "ufffd"));
	CHECK(!l.held);
}

/* Text of pieces that are escaped alone; together they must come out the same, whatever lies sixteen bytes away. */
static void escapes_anywhere(void)
{
	static const char *const pieces[] = {"a", "Z", "~", "\x7f", " ", "\"", "\\", "\t", "\x1f", "\xc3\xa4", "\xe2\x82\xac", "\xff"};
	enum { PIECES = sizeof pieces / sizeof *pieces, LENGTH_MAX = 70, ROUNDS = 300 };
	unsigned odd = 0, wrong = 0;
	for (unsigned round = 0; round < ROUNDS * LENGTH_MAX; round++) {
		unsigned count = round % LENGTH_MAX, at = 0;
		struct buf in = {0}, want = {0};
		for (unsigned i = 0; i < count; i++) {
			odd = odd * 1103515245 + 12345;
			/* Mostly plain text: what is escaped stands alone, at every distance from what else is. */
			const char *piece = pieces[odd >> 16 & 7 ? odd >> 20 & 3 : (odd >> 20) % PIECES];
			uint8_t one[32];
			buf_str(&in, piece);
			buf_add(&want, one, (size_t)(log_escape(one, (const uint8_t *)piece, strlen(piece)) - one));
		}
		/* As large as it has to be: the sanitizer sees who reads or writes beyond. */
		uint8_t *text_in = malloc(in.len + 1), *out = malloc(6 * in.len + 16);
		if (!text_in || !out)
			abort();
		memcpy(text_in + 1, in.p ? in.p : (const uint8_t *)"", in.len);
		at = (unsigned)(log_escape(out, text_in + 1, in.len) - out);
		wrong += at != want.len || (at && memcmp(out, want.p, at));
		free(text_in);
		free(out);
		buf_free(&in);
		buf_free(&want);
	}
	CHECK(!wrong);
}

void test_log_lines(void)
{
	escapes_anywhere();
	lines_become_records();
	long_lines_are_cut(3 * LOG_LINE_MAX);
	long_lines_are_cut(1);
	long_lines_are_cut(4096);
	characters_stay_whole();
	buf_free(&text);
}
