/* SPDX-License-Identifier: MIT */
/* Parses the response to a request, right behind the connection. Strict in all
 * that decides where a response ends, since what is taken for the next one is
 * another client's; lenient in the rest. */
#include "http/response_parser.h"

#include <string.h>

#include "base/limits.h"
#include "http/message.h"

void response_parser_init(struct response_parser *p, struct arena *arena,
			  bool is_head, bool upgrades)
{
	*p = (struct response_parser){ .is_head = is_head,
				       .upgrades = upgrades };
	fields_init(&p->fields, arena);
	fields_init(&p->trailers, arena);
	buf_init(&p->line, LIMIT_ANSWER_HEAD);
	buf_init(&p->folded, LIMIT_ANSWER_HEAD);
}

void response_parser_fini(struct response_parser *p)
{
	buf_fini(&p->line);
	buf_fini(&p->folded);
}

static enum response_event invalid(struct fault *f, const char *what)
{
	fault_set(f, "%s", what);
	return RESPONSE_INVALID;
}

/* --- lines --- */

/* Takes a line with its LF off *in: 1. Where its end has not come, all of in
 * is kept: 0. -1 where it is over max octets. */
static int take_line(struct response_parser *p, struct str *in, size_t max,
		     struct str *line)
{
	const char *end = memchr(in->p, '\n', in->n);
	size_t n = end ? (size_t)(end - in->p) + 1 : in->n;

	if (p->line.n + n > max)
		return -1;
	if (p->line.n > 0 || !end)
		buf_add(&p->line, in->p, n);
	*line = p->line.n > 0 ? buf_str(&p->line) : (struct str){ in->p, n };
	*in = str_from(*in, n);
	return end != NULL;
}

static void line_done(struct response_parser *p)
{
	if (p->line.n > 0)
		buf_reset(&p->line);
}

/* A bare LF ends a line of a head (RFC 9112 §2.2). */
static struct str without_end(struct str line)
{
	line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* --- the head --- */

static enum response_event status_line(struct response_parser *p,
				       struct str line, struct fault *f)
{
	struct str code = str_from(line, 9);
	uint64_t status;

	if (line.n < 12 || !str_starts(line, STR("HTTP/1.")) ||
	    !char_is_digit(line.p[7]) || line.p[8] != ' ' ||
	    !str_u64(str_sub(code, 0, 3), 999, &status) || status < 100 ||
	    (code.n > 3 && code.p[3] != ' ') || !field_value_valid(line))
		return invalid(f, "the answer has no valid status line");
	p->status = (int)status;
	p->http10 = line.p[7] == '0';
	p->fields.n = 0;
	p->place = RESPONSE_AT_FIELDS;
	return RESPONSE_MORE;
}

/* A value that went on in further lines is stored once, whole. */
static void fold_end(struct response_parser *p, struct fields *to)
{
	if (!p->folds)
		return;
	to->v[to->n - 1].value = arena_str(to->arena, buf_str(&p->folded));
	buf_reset(&p->folded);
	p->folds = false;
}

/* RFC 9112 §5.2: a folded line goes on behind one space. */
static enum response_event fold(struct response_parser *p, struct fields *to,
				struct str line, struct fault *f)
{
	struct str more = str_trim(line);

	if (to->n == 0)
		return invalid(f, "the first field of the response begins "
				  "with white space");
	if (!field_value_valid(line))
		return invalid(f, "a field of the response is not valid");
	if (!p->folds)
		buf_add_str(&p->folded, to->v[to->n - 1].value);
	p->folds = true;
	if (more.n > 0 && p->folded.n > 0)
		buf_add_char(&p->folded, ' ');
	buf_add_str(&p->folded, more);
	return RESPONSE_MORE;
}

/* RFC 9112 §5.1: white space before the colon is taken off. */
static enum response_event field_line(struct response_parser *p,
				      struct fields *to, struct str line,
				      struct fault *f)
{
	struct str name = { line.p, 0 }, value;
	size_t colon;

	if (char_is_blank(line.p[0]))
		return fold(p, to, line, f);
	fold_end(p, to);
	while (name.n < line.n && char_is_token(line.p[name.n]))
		name.n++;
	colon = name.n;
	while (colon < line.n && char_is_blank(line.p[colon]))
		colon++;
	value = str_trim(str_from(line, colon + 1));
	if (name.n == 0 || colon == line.n || line.p[colon] != ':' ||
	    !field_value_valid(value))
		return invalid(f, "a field of the response is not valid");
	fields_add_copy(to, name, value);
	return RESPONSE_MORE;
}

static bool is_named(const struct field *field, struct str name)
{
	return field->name.n == name.n && str_eq_nocase(field->name, name);
}

/* What the head says of the body and of the connection. */
struct framing_fields {
	size_t codings, lengths;
	bool chunked, identity, close, keep_alive;
	uint64_t length;
};

static void note_connection(struct framing_fields *s, struct str rest)
{
	struct str option;

	while (str_next_element(&rest, &option)) {
		s->close |= str_eq_nocase(option, STR("close"));
		s->keep_alive |= str_eq_nocase(option, STR("keep-alive"));
	}
}

/* RFC 9112 §6.3: lengths that differ, or are no numbers, are refused; "5, 5"
 * is one length. */
static bool note_length(struct framing_fields *s, struct str rest)
{
	struct str element;
	uint64_t n;
	size_t before = s->lengths;

	while (str_next_element(&rest, &element)) {
		if (!str_u64(element, INT64_MAX, &n) ||
		    (s->lengths > 0 && n != s->length))
			return false;
		s->length = n;
		s->lengths++;
	}
	return s->lengths > before;
}

/* RFC 9112 §6.1: no coding but chunked was asked for ("identity" is what older
 * servers say where there is none). */
static bool note_coding(struct framing_fields *s, struct str value)
{
	s->codings++;
	s->chunked = str_eq_nocase(value, STR("chunked"));
	s->identity = str_eq_nocase(value, STR("identity"));
	return s->codings == 1 && (s->chunked || s->identity);
}

static enum response_event look_through(const struct fields *fs,
					struct framing_fields *s,
					struct fault *f)
{
	for (size_t i = 0; i < fs->n; i++) {
		const struct field *field = &fs->v[i];

		if (is_named(field, STR("Connection")))
			note_connection(s, field->value);
		else if (is_named(field, STR("Content-Length")) &&
			 !note_length(s, field->value))
			return invalid(f, "the response's length is not "
					  "valid");
		else if (is_named(field, STR("Transfer-Encoding")) &&
			 !note_coding(s, field->value))
			return invalid(f, "the response's Transfer-Encoding "
					  "is not chunked alone");
	}
	return RESPONSE_MORE;
}

/* RFC 9112 §6.3. What is framed in two ways is read, and its connection ends
 * with it. */
static void frame(struct response_parser *p, const struct framing_fields *s)
{
	p->reusable = p->http10 ? s->keep_alive && !s->close : !s->close;
	if (s->codings > 0 && (s->lengths > 0 || p->http10 || s->identity))
		p->reusable = false;
	if (p->is_head || !status_has_body(p->status)) {
		p->place = RESPONSE_AT_END;
	} else if (s->chunked) {
		p->chunked = true;
		p->place = RESPONSE_AT_CHUNK_SIZE;
	} else if (s->lengths > 0) {
		p->left = s->length;
		p->place = s->length > 0 ? RESPONSE_AT_SIZED
					 : RESPONSE_AT_END;
	} else {
		p->place = RESPONSE_AT_REST;
		p->reusable = false;
	}
}

static enum response_event head_end(struct response_parser *p,
				    struct fault *f)
{
	struct framing_fields s = { 0 };

	fold_end(p, &p->fields);
	if (p->status == 101 && !p->upgrades)
		return invalid(f, "the answer changes the protocol unasked");
	if (p->status < 200) {
		p->place = RESPONSE_AT_STATUS;
		return RESPONSE_INTERIM;
	}
	if (look_through(&p->fields, &s, f) != RESPONSE_MORE)
		return RESPONSE_INVALID;
	frame(p, &s);
	return RESPONSE_HEAD;
}

static enum response_event head_line(struct response_parser *p,
				     struct str line, struct fault *f)
{
	line = without_end(line);
	if (p->place == RESPONSE_AT_STATUS)
		return status_line(p, line, f);
	if (p->place == RESPONSE_AT_TRAILERS) {
		if (line.n > 0)
			return field_line(p, &p->trailers, line, f);
		fold_end(p, &p->trailers);
		p->place = RESPONSE_AT_END;
		return RESPONSE_END;
	}
	return line.n > 0 ? field_line(p, &p->fields, line, f)
			  : head_end(p, f);
}

/* What is no HTTP/1.x is known for it at once: its line may never end. */
static enum response_event part_of_line(const struct response_parser *p,
					struct str line, struct fault *f)
{
	static const struct str version = { "HTTP/1.", 7 };

	if (p->place == RESPONSE_AT_STATUS &&
	    !str_starts(version, str_sub(line, 0, version.n)))
		return invalid(f, "the answer has no valid status line");
	return RESPONSE_MORE;
}

static enum response_event take_head(struct response_parser *p,
				     struct str *in, struct fault *f)
{
	enum response_event event = RESPONSE_MORE;
	struct str line;

	while (event == RESPONSE_MORE && in->n > 0) {
		int whole = take_line(p, in, LIMIT_ANSWER_HEAD -
				      p->head_octets, &line);

		if (whole < 0) {
			fault_set(f, "the response's head is over %d octets",
				  LIMIT_ANSWER_HEAD);
			return RESPONSE_TOO_LARGE;
		}
		if (!whole)
			return part_of_line(p, line, f);
		p->head_octets += line.n;
		event = head_line(p, line, f);
		line_done(p);
	}
	return event;
}

/* --- the body --- */

/* RFC 9112 §7.1: hexadecimal digits, perhaps extensions, CRLF; white space
 * behind the digits is what some old servers pad with. */
static bool chunk_size(struct str line, uint64_t *size)
{
	size_t i = 0;

	if (line.n < 2 || line.p[line.n - 2] != '\r')
		return false;
	line.n -= 2;
	*size = 0;
	for (; i < line.n && char_hex(line.p[i]) >= 0; i++) {
		if (i == 15)
			return false;
		*size = *size << 4 | (unsigned)char_hex(line.p[i]);
	}
	line = str_from(line, i);
	return i > 0 && field_value_valid(line) &&
	       (str_trim(line).n == 0 || str_trim(line).p[0] == ';');
}

static enum response_event take_chunk_size(struct response_parser *p,
					   struct str *in, struct fault *f)
{
	struct str line;
	int whole = take_line(p, in, LIMIT_CHUNK_LINE, &line);

	if (whole < 0)
		return invalid(f, "a chunk of the response has too long a "
				  "first line");
	if (!whole)
		return RESPONSE_MORE;
	if (!chunk_size(line, &p->left))
		return invalid(f, "a chunk of the response has no valid size");
	line_done(p);
	p->place = p->left > 0 ? RESPONSE_AT_CHUNK : RESPONSE_AT_TRAILERS;
	return RESPONSE_MORE;
}

/* The CRLF behind a chunk, which may come in two pieces. */
static enum response_event take_chunk_end(struct response_parser *p,
					  struct str *in, struct fault *f)
{
	static const char end[] = { '\r', '\n' };

	while (in->n > 0 && p->left < sizeof(end)) {
		if (in->p[0] != end[p->left])
			return invalid(f, "a chunk of the response is longer "
					  "than its size");
		*in = str_from(*in, 1);
		p->left++;
	}
	if (p->left == sizeof(end))
		p->place = RESPONSE_AT_CHUNK_SIZE;
	return RESPONSE_MORE;
}

static enum response_event take_data(struct response_parser *p,
				     struct str *in, struct str *data)
{
	size_t n = in->n < p->left ? in->n : (size_t)p->left;

	*data = str_sub(*in, 0, n);
	*in = str_from(*in, n);
	p->left -= n;
	if (p->left == 0)
		p->place = p->chunked ? RESPONSE_AT_CHUNK_END
				      : RESPONSE_AT_END;
	return RESPONSE_DATA;
}

enum response_event response_parser_take(struct response_parser *p,
					 struct str *in, struct str *data,
					 struct fault *f)
{
	enum response_event event = RESPONSE_MORE;

	*data = STR("");
	while (event == RESPONSE_MORE) {
		if (p->place == RESPONSE_AT_END)
			return RESPONSE_END;
		if (in->n == 0)
			return RESPONSE_MORE;
		switch (p->place) {
		case RESPONSE_AT_STATUS:
		case RESPONSE_AT_FIELDS:
		case RESPONSE_AT_TRAILERS:
			event = take_head(p, in, f);
			break;
		case RESPONSE_AT_CHUNK_SIZE:
			event = take_chunk_size(p, in, f);
			break;
		case RESPONSE_AT_CHUNK_END:
			event = take_chunk_end(p, in, f);
			break;
		case RESPONSE_AT_SIZED:
		case RESPONSE_AT_CHUNK:
			event = take_data(p, in, data);
			break;
		case RESPONSE_AT_REST:
			*data = *in;
			*in = str_from(*in, in->n);
			event = RESPONSE_DATA;
			break;
		case RESPONSE_AT_END:
			break;
		}
	}
	return event;
}

bool response_parser_close(const struct response_parser *p)
{
	return p->place == RESPONSE_AT_REST || p->place == RESPONSE_AT_END;
}

bool response_parser_begun(const struct response_parser *p)
{
	return p->place != RESPONSE_AT_STATUS || p->head_octets > 0 ||
	       p->line.n > 0;
}
