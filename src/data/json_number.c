/* SPDX-License-Identifier: MIT */
/* Reads numbers of JSON as integers, exactly, in whichever notation they came.
 * For whoever reads a document. */
#include "data/json.h"

/* *v = *v * 10^power + digit; false where that is over 2^63. */
static bool shift_in(uint64_t *v, int64_t power, unsigned digit)
{
	const uint64_t max = (uint64_t)1 << 63;

	if (*v == 0)
		power = 0;
	for (; power > 0; power--) {
		if (*v > max / 10)
			return false;
		*v *= 10;
	}
	if (*v > max - digit)
		return false;
	*v += digit;
	return true;
}

/* The exponent behind "e" or "E", cut at a thousand millions. */
static int64_t read_exponent(struct cursor *c)
{
	bool minus = cursor_skip(c, '-');
	int64_t n = 0;

	if (!minus)
		cursor_skip(c, '+');
	for (; !cursor_done(c); c->p++) {
		if (n < 1000000000)
			n = n * 10 + (*c->p - '0');
	}
	return minus ? -n : n;
}

/* Reads digits with a "." among them, exactly: the value is *v * 10^scale,
 * where scale is returned through *scale. Zeros wait until another
 * digit follows, so that 1.000 stays small. */
static bool read_mantissa(struct cursor *c, uint64_t *v, int64_t *scale)
{
	int64_t zeros = 0, fraction = 0;
	bool point = false;

	for (; !cursor_done(c) && *c->p != 'e' && *c->p != 'E'; c->p++) {
		if (*c->p == '.') {
			point = true;
			continue;
		}
		fraction += point;
		if (*c->p == '0') {
			zeros++;
			continue;
		}
		if (!shift_in(v, zeros + 1, (unsigned)(*c->p - '0')))
			return false;
		zeros = 0;
	}
	*scale = zeros - fraction;
	return true;
}

bool json_int(const struct json *j, int64_t *out)
{
	uint64_t v = 0;
	int64_t scale = 0;

	if (!json_is(j, JSON_NUMBER))
		return false;

	struct cursor c = cursor_of(json_text(j));
	bool minus = cursor_skip(&c, '-');

	if (!read_mantissa(&c, &v, &scale))
		return false;
	if (cursor_skip(&c, 'e') || cursor_skip(&c, 'E'))
		scale += read_exponent(&c);
	if (v != 0 && (scale < 0 || !shift_in(&v, scale, 0)))
		return false;
	if (!minus && v > INT64_MAX)
		return false;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}
