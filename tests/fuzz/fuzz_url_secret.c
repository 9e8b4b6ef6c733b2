/* SPDX-License-Identifier: MIT */
/* Taking a token out of a URL, and the methods that a query names. Input:
 * SECRET LF NAME LF TEXT. */
#include "base/limits.h"
#include "http/url_secret.h"

#include "base/arena.h"
#include "fuzz.h"
#include "http/override.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct str secret = fuzz_part(&text, '\n');
	struct str name = fuzz_part(&text, '\n');
	struct buf b = BUF_INIT(text.n + 1);
	struct str methods[LIMIT_OVERRIDES];
	struct arena arena;
	struct fields fields;

	arena_init(&arena, NULL, 0);
	fields_init(&fields, &arena);
	fields_add(&fields, name, text);
	if (secret.n > 0 && !url_secret_is_in(text, secret)) {
		/* What is not there is not taken out. */
		url_secret_remove(&b, text, secret, NULL, 0);
		ASSERT(str_eq(buf_str(&b), text));
		buf_reset(&b);
	}
	url_secret_remove(&b, text, secret, &name, name.n > 0);
	ASSERT(buf_ok(&b) && b.n <= text.n);
	(void)override_methods(&fields, text, &arena, methods);
	(void)override_url(&fields);
	buf_fini(&b);
	arena_fini(&arena);
	return 0;
}
