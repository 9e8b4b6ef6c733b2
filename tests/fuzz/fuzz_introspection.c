/* SPDX-License-Identifier: MIT */
/* Replies of an introspection endpoint. What is taken says whether the token
 * is active; what is shown of it holds nothing that must not be. */
#include "oauth/token/introspection.h"

#include "fuzz.h"

static bool hides(void *arg, struct str text)
{
	(void)arg;
	return str_find(text, 's') < text.n;
}

static void check_clean(const struct json *j)
{
	ASSERT(!json_is(j, JSON_STRING) || !hides(NULL, json_text(j)) ||
	       str_starts(json_text(j), STR("(not shown")));
	for (size_t i = 0; i < json_count(j); i++) {
		ASSERT(!hides(NULL, json_name(j, i)));
		check_clean(json_at(j, i));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *j, *clean;
	struct oauth_error error;
	struct fault f;
	enum token_reply reply = introspection_reply_read(
		200, STR("application/json"), fuzz_text(data, size), &j,
		&error, &f);

	ASSERT((reply == TOKEN_OK) == (j != NULL));
	ASSERT(reply != TOKEN_UNAVAILABLE);
	if (reply != TOKEN_OK)
		return 0;
	ASSERT(json_is(json_get(j, "active"), JSON_BOOL));
	clean = introspection_clean(j, hides, NULL);
	ASSERT(json_is(json_get(clean, "active"), JSON_BOOL));
	check_clean(clean);
	json_free(&clean);
	json_free(&j);
	return 0;
}
