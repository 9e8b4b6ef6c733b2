/* SPDX-License-Identifier: MIT */
/* Writes JSON: problem details, health, stored tokens, the commands'
 * answers. */
#include "data/json.h"

#include "data/utf8.h"

void json_out_init(struct json_out *o, struct buf *buf)
{
	*o = (struct json_out){ buf, false };
}

static void begin_value(struct json_out *o)
{
	if (o->comma)
		buf_add_char(o->buf, ',');
	o->comma = true;
}

static void open_with(struct json_out *o, char bracket)
{
	begin_value(o);
	buf_add_char(o->buf, bracket);
	o->comma = false;
}

static void close_with(struct json_out *o, char bracket)
{
	buf_add_char(o->buf, bracket);
	o->comma = true;
}

void json_out_object(struct json_out *o)
{
	open_with(o, '{');
}

void json_out_object_end(struct json_out *o)
{
	close_with(o, '}');
}

void json_out_array(struct json_out *o)
{
	open_with(o, '[');
}

void json_out_array_end(struct json_out *o)
{
	close_with(o, ']');
}

/* The length of what may stand in a string as it is, from s.p[at] on. */
static size_t plain_length(struct str s, size_t at)
{
	size_t start = at, n;

	while (at < s.n) {
		unsigned char c = (unsigned char)s.p[at];

		n = utf8_length(s, at);
		if (n == 0 || c == '"' || c == '\\' || utf8_is_control(s, at))
			break;
		at += n;
	}
	return at - start;
}

/* Of a sequence of two or three octets. */
static unsigned code_point(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n == 2)
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

/* One that is not plain; no sequence of four octets is a control. */
static void add_escaped(struct buf *b, struct str s)
{
	if (s.n == 0)
		buf_add_z(b, "\xef\xbf\xbd"); /* U+FFFD */
	else if (s.n > 1)
		buf_addf(b, "\\u%04x", code_point(s));
	else if (s.p[0] == '"' || s.p[0] == '\\')
		buf_add(b, (char[]){ '\\', s.p[0] }, 2);
	else if (s.p[0] == '\n')
		buf_add_z(b, "\\n");
	else
		buf_addf(b, "\\u%04x", (unsigned char)s.p[0]);
}

static void add_string(struct buf *b, struct str s)
{
	size_t at = 0;

	buf_add_char(b, '"');
	while (at < s.n) {
		size_t n = plain_length(s, at);

		buf_add_str(b, str_sub(s, at, n));
		at += n;
		if (at == s.n)
			break;
		n = utf8_length(s, at);
		add_escaped(b, str_sub(s, at, n));
		at += n ? n : 1;
	}
	buf_add_char(b, '"');
}

void json_out_key_str(struct json_out *o, struct str key)
{
	begin_value(o);
	add_string(o->buf, key);
	buf_add_char(o->buf, ':');
	o->comma = false;
}

void json_out_key(struct json_out *o, const char *key)
{
	json_out_key_str(o, str_z(key));
}

void json_out_str(struct json_out *o, struct str s)
{
	begin_value(o);
	add_string(o->buf, s);
}

void json_out_z(struct json_out *o, const char *z)
{
	json_out_str(o, str_z(z));
}

static void add_literal(struct json_out *o, struct str text)
{
	begin_value(o);
	buf_add_str(o->buf, text);
}

void json_out_int(struct json_out *o, int64_t n)
{
	begin_value(o);
	buf_addf(o->buf, "%lld", (long long)n);
}

void json_out_bool(struct json_out *o, bool b)
{
	add_literal(o, str_z(b ? "true" : "false"));
}

void json_out_null(struct json_out *o)
{
	add_literal(o, STR("null"));
}

void json_out_text(struct json_out *o, const char *key, const char *text)
{
	json_out_key(o, key);
	if (text)
		json_out_z(o, text);
	else
		json_out_null(o);
}

/* As deep as the tree, which is bounded. */
void json_out_value(struct json_out *o, const struct json *j)
{
	bool named = json_is(j, JSON_OBJECT);

	if (json_is(j, JSON_STRING))
		json_out_str(o, json_text(j));
	else if (json_is(j, JSON_NUMBER))
		add_literal(o, json_text(j));
	else if (json_is(j, JSON_BOOL))
		json_out_bool(o, json_bool(j));
	else if (json_type(j) == JSON_NULL)
		json_out_null(o);
	else {
		open_with(o, named ? '{' : '[');
		for (size_t i = 0; i < json_count(j); i++) {
			if (named)
				json_out_key_str(o, json_name(j, i));
			json_out_value(o, json_at(j, i));
		}
		close_with(o, named ? '}' : ']');
	}
}

void json_print(const struct json *j, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_value(&o, j);
}
