/* SPDX-License-Identifier: MIT */
/* A value put into a form and into a cookie: the first line is its name, the
 * second the value, the rest the form or the field that the client sent. */
#include "oauth/placement/placement.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "data/form.h"
#include "fuzz.h"

enum { LONG = 1024 * 1024 };

/* How often a parameter is in a form, counted in another way; an empty name
 * is passed over by that way. */
static size_t count_parameters(struct str form, struct str name)
{
	struct buf n = BUF_INIT(LONG), v = BUF_INIT(LONG);
	size_t found = 0;

	while (form_next(&form, &n, &v))
		found += str_eq(buf_str(&n), name);
	buf_fini(&n);
	buf_fini(&v);
	return found;
}

/* The same for a cookie. */
static size_t count_cookies(struct str field, struct str name)
{
	size_t found = 0;

	for (size_t i = 0; i <= field.n; i++) {
		struct str pair = str_from(field, i);
		size_t equals;

		if (i > 0 && field.p[i - 1] != ';')
			continue;
		pair = str_sub(pair, 0, str_find(pair, ';'));
		equals = str_find(pair, '=');
		found += equals < pair.n &&
			 str_eq(str_trim(str_sub(pair, 0, equals)), name);
	}
	return found;
}

static void in_form(struct str name, struct str encoded,
		    struct placement_request *r)
{
	struct str before = r->form;
	size_t others;

	ASSERT(placement_body.present(name, r) ==
	       (count_parameters(before, name) > 0));
	placement_body.remove(name, r);
	ASSERT(!placement_body.present(name, r));
	ASSERT(r->form.n <= before.n);
	if (count_parameters(before, name) == 0)
		ASSERT(str_eq(r->form, before));
	others = r->form.n;
	before = r->form;
	placement_body.apply(name, encoded, r);
	ASSERT(str_starts(r->form, before));
	ASSERT(str_ends(r->form, encoded));
	ASSERT(count_parameters(r->form, name) == 1);
	placement_body.remove(name, r);
	ASSERT(r->form.n == others);
}

static struct str cookie(const struct placement_request *r)
{
	ASSERT(r->fields->n <= 1);
	return r->fields->n > 0 ? r->fields->v[0].value : STR("");
}

static void in_cookie(struct str name, struct str encoded,
		      struct placement_request *r)
{
	struct str before = cookie(r);
	size_t there = count_cookies(before, name);

	ASSERT(placement_cookie.present(name, r) == (there > 0));
	placement_cookie.remove(name, r);
	ASSERT(!placement_cookie.present(name, r));
	ASSERT(count_cookies(cookie(r), name) == 0);
	if (there == 0)
		ASSERT(str_eq(cookie(r), before));
	before = cookie(r);
	placement_cookie.apply(name, encoded, r);
	ASSERT(str_starts(cookie(r), before));
	ASSERT(str_ends(cookie(r), encoded));
	ASSERT(count_cookies(cookie(r), name) == 1);
}

static void encode(const struct placement *p, struct str name,
		   struct str value, struct placement_request *r,
		   void (*into)(struct str, struct str,
				struct placement_request *))
{
	struct buf encoded = BUF_INIT_SECRET(LONG);
	char *z = str_dup(name);
	struct fault f;

	if (strlen(z) == name.n && p->check_name(z, &f) == 0 &&
	    p->encode(value, &encoded, &f) == 0)
		into(name, buf_str(&encoded), r);
	mem_free(z);
	buf_fini(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct str name = fuzz_part(&text, '\n');
	struct str value = fuzz_part(&text, '\n');
	struct arena arena = { NULL, NULL, NULL };
	struct fields fields;
	struct placement_request r = {
		.fields = &fields,
		.arena = &arena,
		.form = text,
		.has_form = true,
	};

	fields_init(&fields, &arena);
	/* Fields come trimmed. */
	fields_add(&fields, STR("Cookie"), str_trim(text));
	encode(&placement_body, name, value, &r, in_form);
	encode(&placement_cookie, name, value, &r, in_cookie);
	arena_fini(&arena);
	return 0;
}
