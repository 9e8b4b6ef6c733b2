/* SPDX-License-Identifier: MIT */
/* Checks text for UTF-8 when it comes in, and replaces what is not UTF-8 when
 * it goes out. */
#include "data/utf8.h"

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t utf8_length(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t left = s.n - at;
	unsigned char low = 0x80, high = 0xbf; /* of the second octet */
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if (!is_continuation(p[i]))
			return 0;
	}
	return n;
}

bool utf8_is_valid(struct str s)
{
	size_t at = 0, n = 1;

	while (at < s.n && n > 0) {
		n = utf8_length(s, at);
		at += n;
	}
	return n > 0;
}

/* U+200E and U+200F, U+2028 to U+202E, U+2066 to U+2069; p is behind 0xe2. */
static bool turns_a_line(const unsigned char *p)
{
	if (p[0] == 0x80)
		return p[1] == 0x8e || p[1] == 0x8f ||
		       (p[1] >= 0xa8 && p[1] <= 0xae);
	return p[0] == 0x81 && p[1] >= 0xa6 && p[1] <= 0xa9;
}

bool utf8_is_control(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;

	switch (p[0]) {
	case 0xc2:
		return p[1] < 0xa0;
	case 0xd8:
		return p[1] == 0x9c; /* U+061C */
	case 0xe2:
		return turns_a_line(p + 1);
	default:
		return p[0] < 0x20 || p[0] == 0x7f;
	}
}
