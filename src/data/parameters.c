/* SPDX-License-Identifier: MIT */
/* Adds and removes single parameters of a query or a form without a change to
 * any other octet: for a token or a parameter of the configuration that goes
 * into what a client wrote. The upstream may count on every octet of the
 * rest. */
#include "data/parameters.h"

#include "data/form.h"

/* The octet at *at of a form-encoded name, *at then behind it. */
static char next_decoded(struct str raw, size_t *at)
{
	char c = raw.p[(*at)++];

	if (c == '+')
		return ' ';
	if (c != '%' || raw.n - *at < 2)
		return c;
	int high = char_hex(raw.p[*at]), low = char_hex(raw.p[*at + 1]);

	if (high < 0 || low < 0)
		return c;
	*at += 2;
	return (char)(high * 16 + low);
}

static bool is_named(struct str parameter, struct str name)
{
	struct str raw = str_sub(parameter, 0, str_find(parameter, '='));
	size_t at = 0, i = 0;

	while (at < raw.n && i < name.n) {
		if (next_decoded(raw, &at) != name.p[i++])
			return false;
	}
	return at == raw.n && i == name.n;
}

/* Takes the next parameter, perhaps empty, off *rest, whose p is NULL after
 * the last one. */
static struct str next_parameter(struct str *rest)
{
	size_t end = str_find(*rest, '&');
	struct str parameter = str_sub(*rest, 0, end);

	if (end == rest->n)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_from(*rest, end + 1);
	return parameter;
}

bool parameters_have(struct str raw, struct str name)
{
	while (raw.p) {
		if (is_named(next_parameter(&raw), name))
			return true;
	}
	return false;
}

bool parameters_keep(struct buf *out, struct str raw, struct str name)
{
	bool any = false;

	while (raw.p) {
		struct str parameter = next_parameter(&raw);

		if (is_named(parameter, name))
			continue;
		if (any)
			buf_add_char(out, '&');
		buf_add_str(out, parameter);
		any = true;
	}
	return any;
}

void parameters_add(struct buf *out, struct str raw, struct str name,
		    struct str value)
{
	buf_add_str(out, raw);
	if (raw.n > 0)
		buf_add_char(out, '&');
	percent_encode(out, name);
	buf_add_char(out, '=');
	buf_add_str(out, value);
}
