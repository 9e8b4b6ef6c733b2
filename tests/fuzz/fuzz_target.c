/* SPDX-License-Identifier: MIT */
/* Request-targets. Input: METHOD SP TARGET LF PREFIX. The oracle for climbing
 * is written the slow way: decode once, split, walk. */
#include "http/target.h"

#include "base/buf.h"
#include "data/form.h"
#include "fuzz.h"

enum { MAX = 8 << 20 };

static struct str cut_name(struct str segment)
{
	segment = str_sub(segment, 0, str_find(segment, ';'));
	return str_sub(segment, 0, str_find(segment, 0));
}

static bool climbs(struct str path, struct str prefix)
{
	struct buf b = BUF_INIT(MAX);
	long depth = 0;
	bool out = false;

	percent_decode(&b, str_from(path, prefix.n));
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '\\')
			b.p[i] = '/';
	}

	struct str rest = buf_str(&b);

	while (rest.n > 0 && !out) {
		struct str name = cut_name(fuzz_part(&rest, '/'));

		if (str_eq_z(name, ".."))
			depth--;
		else if (name.n > 0 && !str_eq_z(name, "."))
			depth++;
		out = depth < 0;
	}
	buf_fini(&b);
	return out;
}

static void check_parts(const struct target *t, struct str raw)
{
	fuzz_inside(t->host, raw);
	fuzz_inside(t->path, raw);
	fuzz_inside(t->query, raw);
	ASSERT(t->path.n == 0 || t->path.p[0] == '/');
	ASSERT(t->query.n == 0 || t->query.p[0] == '?');
	ASSERT(str_find(t->path, '?') == t->path.n);
	if (t->form == TARGET_ORIGIN)
		ASSERT(t->path.n + t->query.n == raw.n);
	if (t->form == TARGET_ABSOLUTE || t->form == TARGET_AUTHORITY) {
		ASSERT(t->host.n > 0 && host_eq(t->host, t->host));
		ASSERT(str_find(t->host, '@') == t->host.n);
		ASSERT(str_find(t->host, '\\') == t->host.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct str method = fuzz_part(&rest, ' ');
	struct str raw = fuzz_part(&rest, '\n');
	struct target t;
	struct fault f = { "" };

	if (target_parse(raw, method, &t, &f) < 0) {
		ASSERT(f.text[0]);
		return 0;
	}
	check_parts(&t, raw);
	if (target_has_prefix(t.path, rest))
		ASSERT(target_climbs(t.path, rest) == climbs(t.path, rest));
	ASSERT(target_climbs(t.path, STR("")) == climbs(t.path, STR("")));
	return 0;
}
