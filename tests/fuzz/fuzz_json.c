/* SPDX-License-Identifier: MIT */
/* JSON: what was read and printed reads again as the same; a fault has its
 * words. What is valid is the same where it is read as a refusal, and what is
 * read so is valid JSON. */
#include "data/json.h"

#include "data/utf8.h"
#include "fuzz.h"

enum { PRINTED_MAX = 8 << 20 };

static void check_utf8(struct str s)
{
	for (size_t at = 0; at < s.n; at += utf8_length(s, at))
		ASSERT(utf8_length(s, at) > 0);
}

static void look(const struct json *j)
{
	int64_t n;

	if (json_int(j, &n))
		ASSERT(json_is(j, JSON_NUMBER));
	check_utf8(json_text(j));
	for (size_t i = 0; i < json_count(j); i++) {
		check_utf8(json_name(j, i));
		if (json_is(j, JSON_OBJECT))
			ASSERT(json_get_str(j, json_name(j, i)) ==
			       json_at(j, i));
		look(json_at(j, i));
	}
}

static void print_again(const struct json *j)
{
	struct buf once = BUF_INIT(PRINTED_MAX), twice = BUF_INIT(PRINTED_MAX);
	struct json *again;

	json_print(j, &once);
	ASSERT(buf_ok(&once));
	again = json_parse(buf_str(&once), NULL);
	ASSERT(again != NULL);
	json_print(again, &twice);
	ASSERT(str_eq(buf_str(&once), buf_str(&twice)));
	json_free(&again);
	buf_fini(&once);
	buf_fini(&twice);
}

/* Members may stand twice in it. */
static void read_refusal(struct str text)
{
	struct json *j = json_parse_refusal(text);
	struct buf b = BUF_INIT(PRINTED_MAX);

	if (!j)
		return;
	ASSERT(json_is(j, JSON_OBJECT));
	json_print(j, &b);
	ASSERT(buf_ok(&b));
	ASSERT(utf8_is_valid(buf_str(&b)));
	json_free(&j);
	j = json_parse_refusal(buf_str(&b));
	ASSERT(j != NULL);
	json_free(&j);
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = { "" };
	struct json *j = json_parse(fuzz_text(data, size), &f);

	read_refusal(fuzz_text(data, size));
	if (!j) {
		ASSERT(str_starts(str_z(f.text), STR("line ")));
		return 0;
	}
	look(j);
	print_again(j);
	json_free(&j);
	return 0;
}
