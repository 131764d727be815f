#include <string.h>

#include "log-bytes.h"
#include "log-lines.h"

/* Length of the UTF-8 sequence at p, 0 when it is none. */
static size_t utf8_len(const uint8_t *p, size_t len)
{
	static const struct {
		uint8_t mask, lead, n;
		uint32_t least;
	} forms[] = {{0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};
	for (int i = 0; i < 3; i++) {
		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		uint32_t c = p[0] & (uint8_t)~forms[i].mask;
		if (len < forms[i].n)
			return 0;
		for (size_t k = 1; k < forms[i].n; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[k] & 0x3f);
		}
		bool surrogate = c >= 0xd800 && c < 0xe000;
		return c < forms[i].least || c > 0x10ffff || surrogate ? 0 : forms[i].n;
	}
	return 0;
}

static uint8_t *put(uint8_t *o, const char *text, size_t len)
{
	memcpy(o, text, len);
	return o + len;
}

static uint8_t *escape_control(uint8_t *o, uint8_t c)
{
	static const char hex[] = "0123456789abcdef", named[] = "\b\t\n\f\r\"\\", as[] = "btnfr\"\\";
	const char *known = memchr(named, c, sizeof named - 1);
	*o++ = '\\';
	if (known) {
		*o++ = (uint8_t)as[known - named];
		return o;
	}
	o = put(o, "u00", 3);
	*o++ = (uint8_t)hex[c >> 4];
	*o++ = (uint8_t)hex[c & 15];
	return o;
}

uint8_t *log_escape(uint8_t *o, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	while (p < end) {
		size_t n = bytes_plain(p, (size_t)(end - p));
		bytes_copy(o, p, n);
		o += n;
		p += n;
		while (p < end && byte_is_odd(*p)) {
			if (*p < 0x80) {
				o = escape_control(o, *p++);
			} else if ((n = utf8_len(p, (size_t)(end - p)))) {
				memcpy(o, p, n);
				o += n;
				p += n;
			} else {
				o = put(o, "\\ufffd", 6);
				p++;
			}
		}
	}
	return o;
}
