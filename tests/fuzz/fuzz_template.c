/* SPDX-License-Identifier: MIT */
/* Templates: the expansion is what a slow reading of the text gives. */
#include "http/template.h"

#include "fuzz.h"

enum { MAX = 8 << 20 };

static bool known(struct str name)
{
	return name.p[0] != '!';
}

/* A name's value is the name. */
static int name_itself(void *arg, struct str name, struct buf *out,
		       struct fault *f)
{
	size_t *names = arg;

	if (name.p[0] == '?')
		return fault_set(f, "it has no value");
	++*names;
	buf_add_str(out, name);
	return 0;
}

/* What the expansion must be, written the slow way. */
static void expand(struct str text, struct buf *out, size_t *names)
{
	for (size_t i = 0; i < text.n; i++) {
		bool doubled = i + 1 < text.n && text.p[i + 1] == text.p[i];

		if (text.p[i] != '{' && text.p[i] != '}') {
			buf_add_char(out, text.p[i]);
		} else if (doubled) {
			buf_add_char(out, text.p[i++]);
		} else {
			struct str name = str_from(text, i + 1);

			ASSERT(text.p[i] == '{');
			name = str_sub(name, 0, str_find(name, '}'));
			ASSERT(name.n > 0 && name.p[0] != '!');
			buf_add_str(out, name);
			i += name.n + 1;
			++*names;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct fault f = { "" };
	struct template *t = template_parse(text, known, "any", &f);
	struct buf got = BUF_INIT(MAX), expected = BUF_INIT(MAX);
	size_t names = 0, expected_names = 0;

	if (!t) {
		ASSERT(f.text[0]);
		return 0;
	}
	if (template_expand(t, name_itself, &names, &got, &f) == 0) {
		expand(text, &expected, &expected_names);
		ASSERT(str_eq(buf_str(&got), buf_str(&expected)));
		ASSERT(names == expected_names);
	} else {
		ASSERT(f.text[0]);
	}
	template_free(&t);
	buf_fini(&got);
	buf_fini(&expected);
	return 0;
}
