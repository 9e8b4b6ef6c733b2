/* SPDX-License-Identifier: MIT */
/* A token put into the query: the first line is the parameter's name, the
 * second the value, the rest the target that the client sent. */
#include "oauth/placement/placement.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "data/form.h"
#include "fuzz.h"
#include "oauth/placement/placed.h"

enum { LONG = 1024 * 1024 };

/* How often the parameter is in the target, counted in another way. */
static size_t count(struct str target, struct str name)
{
	struct buf n = BUF_INIT(LONG), v = BUF_INIT(LONG);
	struct str rest = str_from(target, str_find(target, '?') + 1);
	size_t found = 0;

	while (form_next(&rest, &n, &v))
		found += str_eq(buf_str(&n), name);
	buf_fini(&n);
	buf_fini(&v);
	return found;
}

static void place(const struct placement_spec *spec, struct str value,
		  struct placement_request *r)
{
	struct buf encoded = BUF_INIT_SECRET(LONG);
	struct fault f;
	struct str before = r->target, name = str_z(spec->name);

	ASSERT(placement_query.encode(value, &encoded, &f) == 0);
	struct placed placed = {
		.spec = spec,
		.value = secret_take(&encoded),
	};

	buf_fini(&encoded);
	ASSERT(placement_query.present(name, r) == (count(before, name) > 0));
	placement_query.remove(name, r);
	ASSERT(!placement_query.present(name, r));
	ASSERT(count(r->target, name) == 0);
	ASSERT(r->target.n <= before.n);
	struct str removed = r->target;

	ASSERT(placement_apply(&placed, r, NULL) == 0);
	ASSERT(str_starts(r->target, removed));
	ASSERT(count(r->target, name) == 1);
	ASSERT(str_ends(r->target, secret_expose(placed.value)));
	struct str once = r->target;

	ASSERT(placement_apply(&placed, r, NULL) == 0);
	ASSERT(str_eq(r->target, once));
	placed_fini(&placed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str target = fuzz_text(data, size);
	struct str name = fuzz_part(&target, '\n');
	struct str value = fuzz_part(&target, '\n');
	struct arena arena = { NULL, NULL, NULL };
	struct fields fields;
	struct placement_request r = {
		.fields = &fields,
		.target = target,
		.arena = &arena,
	};
	struct placement_spec spec = { .placement = &placement_query,
				       .name = str_dup(name) };
	struct fault f;

	fields_init(&fields, &arena);
	if (placement_query.check_name(spec.name, &f) == 0 && value.n > 0 &&
	    !str_starts(target, STR("*")))
		place(&spec, value, &r);
	mem_free(spec.name);
	arena_fini(&arena);
	return 0;
}
