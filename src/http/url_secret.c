/* SPDX-License-Identifier: MIT */
/* Looks for a token in the URLs of an answer, before it goes to the client: the
 * answer must not show the token that went with the request. */
#include "http/url_secret.h"

/* How many octets at p spell this one: itself, "+" of a form, "%41", "%2541"
 * and so on; 0: they spell another. */
static size_t spells(const char *p, size_t left, char octet)
{
	if (left > 0 && p[0] == '%') {
		for (size_t at = 1; left - at >= 2; at += 2) {
			int high = char_hex(p[at]), low = char_hex(p[at + 1]);

			if (high < 0 || low < 0)
				break;
			if ((char)(high * 16 + low) == octet)
				return at + 2;
			if (high * 16 + low != '%')
				break;
		}
	}
	if (left > 0 && (p[0] == octet || (p[0] == '+' && octet == ' ')))
		return 1;
	return 0;
}

/* The same of a whole text. */
static size_t spells_all(struct str text, size_t from, struct str what)
{
	size_t at = from;

	for (size_t i = 0; i < what.n; i++) {
		size_t n = spells(text.p + at, text.n - at, what.p[i]);

		if (n == 0)
			return 0;
		at += n;
	}
	return at - from;
}

bool url_secret_is_in(struct str text, struct str secret)
{
	for (size_t i = 0; i < text.n; i++) {
		if (spells_all(text, i, secret) > 0)
			return true;
	}
	return false;
}

/* What a parameter's value cannot hold, in a URL or in a field around it. */
static bool ends_value(char c)
{
	return c == '&' || c == '#' || c == '>' || c == '"' || c == '\'' ||
	       c == ' ' || c == '\t';
}

/* How long the parameter at from is, where it has one of the names; else 0. */
static size_t parameter(struct str text, size_t from, const struct str *names,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = from + spells_all(text, from, names[i]);

		if (at == from || (at < text.n && text.p[at] != '=' &&
				   !ends_value(text.p[at])))
			continue;
		while (at < text.n && !ends_value(text.p[at]))
			at++;
		return at - from;
	}
	return 0;
}

/* Takes out parameters behind what is the last octet of out: "?", "&" or "#",
 * which goes too where nothing is left behind it. Returns where to go on. */
static size_t skip_parameters(struct buf *out, struct str text, size_t at,
			      const struct str *names, size_t n)
{
	size_t length;

	while ((length = parameter(text, at, names, n)) > 0) {
		at += length;
		if (at < text.n && text.p[at] == '&') {
			at++;
			continue;
		}
		buf_cut(out, out->n - 1);
		break;
	}
	return at;
}

void url_secret_remove(struct buf *out, struct str text, struct str secret,
		       const struct str *names, size_t n)
{
	size_t at = 0;

	while (at < text.n) {
		size_t length = secret.n > 0 ? spells_all(text, at, secret) : 0;
		char c = text.p[at];

		if (length > 0) {
			at += length;
			continue;
		}
		buf_add_char(out, c);
		at++;
		if (c == '?' || c == '&' || c == '#')
			at = skip_parameters(out, text, at, names, n);
	}
}
