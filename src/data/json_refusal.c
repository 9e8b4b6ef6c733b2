/* SPDX-License-Identifier: MIT */
/* Reads as much as can be read of a refusal in JSON that is not quite JSON,
 * where json_parse would take nothing. Its octets are mended first, then it is
 * parsed as any JSON. */
#include "base/limits.h"
#include "data/json_int.h"
#include "data/utf8.h"


/* A text on its way into another, octet by octet. */
struct mending {
	struct str in;
	size_t at;
	struct buf *out;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_word(char c)
{
	return is_space(c) || str_find(STR("{}[],:\""), c) < 7;
}

static void skip_space(struct mending *m)
{
	while (m->at < m->in.n && is_space(m->in.p[m->at]))
		m->at++;
}

/* The length of an escape that is one; or 0. */
static size_t escape_length(struct str s, size_t at)
{
	size_t n = json_escape_length(s, at);

	if (n != 2)
		return n;
	if (at + 1 == s.n)
		return 0;
	if (s.p[at + 1] != 'u')
		return str_find(STR("\"\\/bfnrt"), s.p[at + 1]) < 8 ? 2 : 0;
	for (size_t i = at + 2; i < at + 6; i++) {
		if (i >= s.n || char_hex(s.p[i]) < 0)
			return 0;
	}
	return 6;
}

/* The backslash of what is not an escape sequence becomes "?". */
static void mend_escape(struct mending *m)
{
	size_t n = escape_length(m->in, m->at);

	if (n == 0)
		buf_add_char(m->out, '?');
	buf_add_str(m->out, str_sub(m->in, m->at, n));
	m->at += n ? n : 1;
}

/* From behind the first quotation mark to behind the last; without one, to the
 * text's end. */
static void mend_string(struct mending *m)
{
	while (m->at < m->in.n) {
		char c = m->in.p[m->at];
		size_t n = utf8_length(m->in, m->at);

		if (c == '\\') {
			mend_escape(m);
			continue;
		}
		if (n == 0)
			buf_add_char(m->out, '?');
		else if ((unsigned char)c < 0x20)
			buf_add_char(m->out, ' ');
		else
			buf_add_str(m->out, str_sub(m->in, m->at, n));
		m->at += n ? n : 1;
		if (c == '"')
			return;
	}
}

static bool is_number(struct str s)
{
	struct cursor c = cursor_of(s);
	struct str digits;

	cursor_skip(&c, '-');
	digits = cursor_while(&c, char_is_digit);
	if (digits.n == 0 || (digits.n > 1 && digits.p[0] == '0'))
		return false;
	if (cursor_skip(&c, '.') && cursor_while(&c, char_is_digit).n == 0)
		return false;
	if (cursor_skip(&c, 'e') || cursor_skip(&c, 'E')) {
		if (!cursor_skip(&c, '-'))
			cursor_skip(&c, '+');
		if (cursor_while(&c, char_is_digit).n == 0)
			return false;
	}
	return cursor_done(&c);
}

/* Any other word than JSON's says nothing. */
static void mend_word(struct mending *m)
{
	size_t from = m->at;
	struct str word;

	while (m->at < m->in.n && !ends_word(m->in.p[m->at]))
		m->at++;
	word = str_sub(m->in, from, m->at - from);
	if (!is_number(word) && !str_eq(word, STR("true")) &&
	    !str_eq(word, STR("false")))
		word = STR("null");
	buf_add_str(m->out, word);
}

/* A comma that nothing follows goes. */
static void mend_comma(struct mending *m)
{
	m->at++;
	skip_space(m);
	if (m->at < m->in.n && m->in.p[m->at] != '}' && m->in.p[m->at] != ']')
		buf_add_char(m->out, ',');
}

/* The outermost object, to its end; what is nested too deeply is null in
 * it. */
static void mend_object(struct mending *m)
{
	struct buf *out = m->out, nowhere = BUF_INIT(0);
	size_t depth = 0;

	do {
		char c = m->in.p[m->at];

		if ((c == '{' || c == '[') &&
		    ++depth == LIMIT_REFUSAL_DEPTH + 1) {
			buf_add_z(out, "null");
			m->out = &nowhere;
		}
		if (c == '"' || str_find(STR("{}[]:"), c) < 5)
			buf_add_char(m->out, c);
		if (c == ',')
			mend_comma(m);
		else if (!ends_word(c))
			mend_word(m);
		else
			m->at++;
		if (c == '"')
			mend_string(m);
		if ((c == '}' || c == ']') &&
		    depth-- == LIMIT_REFUSAL_DEPTH + 1)
			m->out = out;
	} while (depth > 0 && m->at < m->in.n);
	m->out = out;
	buf_fini(&nowhere);
}

struct json *json_parse_refusal(struct str text)
{
	struct buf mended = BUF_INIT_SECRET(4 * text.n + 4);
	struct mending m = { .in = text, .out = &mended };
	struct json *j = NULL;

	skip_space(&m);
	if (m.at < text.n && text.p[m.at] == '{') {
		mend_object(&m);
		j = json_parse_repeated(buf_str(&mended));
	}
	buf_fini(&mended);
	return j;
}
