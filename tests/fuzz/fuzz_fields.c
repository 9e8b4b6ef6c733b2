/* SPDX-License-Identifier: MIT */
/* Fields and framing. Input: lines of "name:value", the first octet says
 * whether the client is an HTTP/1.0 one. */
#include "http/fields.h"

#include "fuzz.h"
#include "http/message.h"

static const char *const HOP_BY_HOP[] = {
	"connection",       "keep-alive",         "proxy-connection",
	"proxy-authenticate", "proxy-authorization", "te",
	"trailer",          "transfer-encoding",  "upgrade",
	"http2-settings",
};

static bool is_named_by_connection(const struct fields *all, struct str name)
{
	for (size_t i = 0; i < all->n; i++) {
		struct str rest = all->v[i].value, option;

		if (!str_eq_nocase(all->v[i].name, STR("connection")))
			continue;
		while (str_next_element(&rest, &option)) {
			if (str_eq_nocase(option, name))
				return true;
		}
	}
	return false;
}

static bool ends_here(const struct fields *all, struct str name)
{
	for (size_t i = 0; i < sizeof(HOP_BY_HOP) / sizeof(*HOP_BY_HOP); i++) {
		if (str_eq_nocase(name, str_z(HOP_BY_HOP[i])))
			return true;
	}
	return is_named_by_connection(all, name);
}

/* What is left is what a slow reading of the rule leaves, in order. */
static void check_left(const struct fields *all, const struct fields *left)
{
	size_t next = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (ends_here(all, all->v[i].name))
			continue;
		ASSERT(next < left->n);
		ASSERT(left->v[next].name.p == all->v[i].name.p);
		ASSERT(left->v[next].value.p == all->v[i].value.p);
		next++;
	}
	ASSERT(next == left->n);
}

static void check_framing(const struct fields *fs, bool http10)
{
	struct framing framing;
	struct fault f = { "" };

	if (framing_check(fs, http10, &framing, &f) < 0) {
		ASSERT(f.text[0]);
		return;
	}

	size_t lengths = fields_count(fs, STR("Content-Length"));
	size_t codings = fields_count(fs, STR("Transfer-Encoding"));

	ASSERT(lengths + codings <= 1);
	ASSERT((framing.body == FRAMING_SIZED) == (lengths == 1));
	ASSERT((framing.body == FRAMING_CHUNKED) == (codings == 1));
	ASSERT(fields_count(fs, STR("Host")) <= 1);
	for (size_t i = 0; i < fs->n; i++)
		ASSERT(str_is_token(fs->v[i].name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	bool http10 = size > 0 && data[0] == '0';
	struct arena arena = { NULL, NULL, NULL };
	struct fields all, left;

	fields_init(&all, &arena);
	fields_init(&left, &arena);
	rest = str_from(rest, 1);
	while (rest.n > 0) {
		struct str value = fuzz_part(&rest, '\n');
		struct str name = fuzz_part(&value, ':');

		if (name.n == 0)
			continue;
		fields_add(&all, name, value);
		fields_add(&left, name, value);
	}
	check_framing(&all, http10);
	fields_remove_hop_by_hop(&left);
	check_left(&all, &left);
	arena_fini(&arena);
	return 0;
}
