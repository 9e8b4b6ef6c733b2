/* SPDX-License-Identifier: MIT */
/* Templates: the expansion is what a slow reading of the text gives. */
#include "http/template.h"

#include "data/base64url.h"
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

/* What the expansion must be, written the slow way: text from *at on, up to
 * its end or that of the {base64:…} that it is in. */
static void expand(struct str text, size_t *at, bool nested, struct buf *out,
		   size_t *names)
{
	size_t open = 0, i = *at;

	for (; i < text.n; i++) {
		bool doubled = i + 1 < text.n && text.p[i + 1] == text.p[i];
		struct str name = str_from(text, i + 1);

		if (text.p[i] != '{' && text.p[i] != '}') {
			buf_add_char(out, text.p[i]);
		} else if (doubled && text.p[i] == '{') {
			buf_add_char(out, text.p[i++]);
			open++;
		} else if (text.p[i] == '}' && nested &&
			   (open == 0 || !doubled)) {
			break;
		} else if (doubled) {
			buf_add_char(out, text.p[i++]);
			open -= open > 0;
		} else if (str_starts(name, STR("base64:"))) {
			struct buf inside = BUF_INIT(MAX);

			i += STR("{base64:").n;
			expand(text, &i, true, &inside, names);
			ASSERT(text.p[i] == '}');
			base64_encode(out, buf_str(&inside));
			buf_fini(&inside);
		} else {
			ASSERT(text.p[i] == '{');
			name = str_sub(name, 0, str_find(name, '}'));
			ASSERT(name.n > 0 && name.p[0] != '!');
			buf_add_str(out, name);
			i += name.n + 1;
			++*names;
		}
	}
	*at = i;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct fault f = { "" };
	struct template *t = template_parse(text, known, "any", &f);
	struct buf got = BUF_INIT(MAX), expected = BUF_INIT(MAX);
	size_t names = 0, expected_names = 0, at = 0;

	if (!t) {
		ASSERT(f.text[0]);
		return 0;
	}
	if (template_expand(t, name_itself, &names, &got, &f) == 0) {
		expand(text, &at, false, &expected, &expected_names);
		ASSERT(at == text.n);
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
