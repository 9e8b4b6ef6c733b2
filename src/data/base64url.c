/* SPDX-License-Identifier: MIT */
/* Encodes and decodes base64 in its two alphabets: for JSON's signed objects
 * and PKCE (base64url), and for the credentials of Basic (base64). */
#include "data/base64url.h"

#include <stdint.h>

static const char STANDARD[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct buf *out, struct str s, const char *alphabet,
		   bool pad)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t have = s.n - i < 3 ? s.n - i : 3;
		uint32_t bits = (uint32_t)p[i] << 16;

		if (have > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			bits |= p[i + 2];
		char four[4] = { alphabet[bits >> 18],
				 alphabet[bits >> 12 & 63], '=', '=' };
		if (have > 1)
			four[2] = alphabet[bits >> 6 & 63];
		if (have > 2)
			four[3] = alphabet[bits & 63];
		buf_add(out, four, pad ? 4 : have + 1);
	}
}

/* The six bits that c stands for, or -1. */
static int sextet(char c, const char *alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[62])
		return 62;
	if (c == alphabet[63])
		return 63;
	return -1;
}

/* Decodes up to four characters; bits that belong to no octet must be 0. */
static int decode_group(struct buf *out, struct str group,
			const char *alphabet)
{
	uint32_t bits = 0;

	if (group.n < 2)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int six = i < group.n ? sextet(group.p[i], alphabet) : 0;

		if (six < 0)
			return -1;
		bits = bits << 6 | (uint32_t)six;
	}
	if (group.n < 4 && (bits & (group.n == 2 ? 0xffffu : 0xffu)))
		return -1;
	char three[3] = { (char)(bits >> 16), (char)(bits >> 8 & 0xff),
			  (char)(bits & 0xff) };
	buf_add(out, three, group.n - 1);
	return 0;
}

static int decode(struct buf *out, struct str text, const char *alphabet)
{
	for (size_t i = 0; i < text.n; i += 4) {
		if (decode_group(out, str_sub(text, i, 4), alphabet) < 0)
			return -1;
	}
	return 0;
}

void base64url_encode(struct buf *out, struct str octets)
{
	encode(out, octets, URL, false);
}

int base64url_decode(struct buf *out, struct str text)
{
	return decode(out, text, URL);
}

int base64_any_decode(struct buf *out, struct str text)
{
	for (int i = 0; i < 2 && str_ends(text, STR("=")); i++)
		text.n--;
	if (decode(out, text, URL) == 0)
		return 0;
	buf_reset(out);
	if (decode(out, text, STANDARD) == 0)
		return 0;
	buf_reset(out);
	return -1;
}

void base64_encode(struct buf *out, struct str octets)
{
	encode(out, octets, STANDARD, true);
}

int base64_decode(struct buf *out, struct str text)
{
	if (text.n % 4)
		return -1;
	for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
		text.n--;
	return decode(out, text, STANDARD);
}
