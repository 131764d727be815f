#include <stdlib.h>

#include "check.h"
#include "pb.h"

static bool well_formed(const char *bytes, size_t len)
{
	struct pb r = pb_over(bytes, len);
	while (pb_next(&r))
		;
	return !r.bad;
}

static void round_trip(void)
{
	struct buf b = {0}, sub = {0};
	pb_uint(&b, 1, 300);
	pb_uint(&b, 2, 0); /* proto3: not written */
	pb_str(&b, 3, "hey");
	pb_message(&b, 4, &sub);
	pb_double(&b, 5, 1.5);
	pb_uint(&b, 536870911, UINT64_MAX);
	pb_time(&b, 7, -62135596800, 0);
	struct pb r = pb_over(b.p, b.len), t;
	CHECK(pb_next(&r) && pb_is(&r, 1, PB_VARINT) && r.num == 300);
	CHECK(pb_next(&r) && pb_is(&r, 3, PB_BYTES));
	char *s = pb_strdup(&r);
	CHECK_STR(s, "hey");
	free(s);
	CHECK(pb_next(&r) && pb_is(&r, 4, PB_BYTES) && r.len == 0);
	CHECK(pb_next(&r) && pb_is(&r, 5, PB_FIXED64) && r.num == 0x3ff8000000000000);
	CHECK(pb_next(&r) && r.field == 536870911 && r.num == UINT64_MAX);
	CHECK(pb_next(&r) && pb_is(&r, 7, PB_BYTES));
	t = pb_over(r.data, r.len);
	CHECK(pb_next(&t) && (int64_t)t.num == -62135596800);
	CHECK(!pb_next(&r) && !r.bad);
	buf_free(&b);
}

void test_pb(void)
{
	round_trip();
	CHECK(well_formed("", 0));
	CHECK(well_formed("\x08\x96\x01", 3));
	CHECK(!well_formed("\x08\x96", 2));                                          /* cut varint */
	CHECK(!well_formed("\x0a\x05" "ab", 4));                                     /* length beyond the end */
	CHECK(!well_formed("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));      /* huge length */
	CHECK(!well_formed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11));      /* more than 64 bits */
	CHECK(!well_formed("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12)); /* too many bytes */
	CHECK(!well_formed("\x0b", 1));                                              /* group */
	CHECK(!well_formed("\x00\x01", 2));                                          /* field 0 */
	CHECK(!well_formed("\x09\x01\x02", 3));                                      /* cut fixed64 */
	struct pb r = pb_over("\x0a\x03" "a\0b", 5);
	CHECK(pb_next(&r) && pb_strdup(&r) == NULL);
}
