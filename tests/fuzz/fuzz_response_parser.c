/* SPDX-License-Identifier: MIT */
/* Responses. Input: an octet of flags and of how long the pieces are, then the
 * octets of a connection. Whatever the pieces, the same must come out. */
#include "http/response_parser.h"

#include "fuzz.h"

enum { SAID_MAX = 64 << 20 };

static bool is_over(enum response_event event)
{
	return event == RESPONSE_END || event == RESPONSE_INVALID ||
	       event == RESPONSE_TOO_LARGE;
}

static void say_fields(struct buf *said, const struct fields *fs)
{
	for (size_t i = 0; i < fs->n; i++) {
		ASSERT(str_is_token(fs->v[i].name));
		ASSERT(field_value_valid(fs->v[i].value));
		buf_add_str(said, fs->v[i].name);
		buf_add_char(said, ':');
		buf_add_str(said, fs->v[i].value);
		buf_add_char(said, '\n');
	}
}

/* Events, fields and the body; returns what the parser left of octets. */
static size_t run(struct buf *said, struct str octets, size_t n, int flags)
{
	struct arena arena = { NULL, NULL, NULL };
	enum response_event event = RESPONSE_MORE;
	struct response_parser p;
	struct fault f = { "" };

	response_parser_init(&p, &arena, flags & 1, flags & 2);
	while (octets.n > 0 && !is_over(event)) {
		struct str in = str_sub(octets, 0, n), data;
		struct str piece = in;

		octets = str_from(octets, in.n);
		do {
			event = response_parser_take(&p, &in, &data, &f);
			fuzz_inside(data, piece);
			if (event == RESPONSE_DATA)
				buf_add_str(said, data);
			else if (event != RESPONSE_MORE)
				buf_addf(said, "<%d %d>", (int)event,
					 p.status);
			if (event == RESPONSE_HEAD || event == RESPONSE_INTERIM)
				say_fields(said, &p.fields);
		} while (event != RESPONSE_MORE && !is_over(event));
		octets = (struct str){ octets.p - in.n, octets.n + in.n };
	}
	if (event == RESPONSE_INVALID || event == RESPONSE_TOO_LARGE)
		ASSERT(f.text[0]);
	if (event == RESPONSE_END)
		say_fields(said, &p.trailers);
	buf_addf(said, "<%d %d>", response_parser_close(&p), p.reusable);
	response_parser_fini(&p);
	arena_fini(&arena);
	/* Of what is refused in the middle it is no matter how much. */
	return event == RESPONSE_END ? octets.n : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str octets = fuzz_text(data, size);
	struct buf whole = BUF_INIT(SAID_MAX), pieces = BUF_INIT(SAID_MAX);
	int flags;
	size_t n;

	if (size == 0)
		return 0;
	flags = octets.p[0] & 3;
	n = ((size_t)(unsigned char)octets.p[0] >> 2) + 1;
	octets = str_from(octets, 1);
	ASSERT(run(&whole, octets, size, flags) ==
	       run(&pieces, octets, n, flags));
	ASSERT(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
