/* SPDX-License-Identifier: MIT */
#include "config/mask.h"

#include "base/secret.h"
#include "config/live_secret.h"
#include "config/scratch.h"
#include "data/form.h"

struct block {
	struct secret *secret, *other;
	struct config_live_secret live;
	char *text;
};

#define ROW(member) offsetof(struct block, member)

/* clang-format off */
static const struct config_key thing_keys[] = {
	{ "secret", &config_secret, ROW(secret), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "other", &config_secret, ROW(other), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "live", &config_live_secret, ROW(live), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "text", &config_text, ROW(text), 0, NULL, NULL, "" },
};
/* clang-format on */

static const struct config_table thing = {
	.section = "thing", .keys = thing_keys,
	.nkeys = sizeof(thing_keys) / sizeof(thing_keys[0]),
	.size = sizeof(struct block),
};

static const struct config_table kept = {
	.section = "kept", .keys = thing_keys,
	.nkeys = sizeof(thing_keys) / sizeof(thing_keys[0]),
	.size = sizeof(struct block),
};

static struct buf written(const char *name)
{
	struct buf b = BUF_INIT(1024);

	mask_write(&b, str_z(name));
	return b;
}

static void no_place_encodes_it(void **state)
{
	struct buf m = written("client_secret"), b = BUF_INIT(1024);

	(void)state;
	form_encode(&b, buf_str(&m));
	assert_string_equal(buf_z(&b), buf_z(&m));
	/* HS512 wants 64 octets. */
	assert_true(m.n >= 64);
	buf_fini(&m);
	m = written("token.a b/\xc3\xa4");
	buf_reset(&b);
	percent_encode(&b, buf_str(&m));
	assert_string_equal(buf_z(&b), buf_z(&m));
	assert_true(m.n >= 64);
	buf_fini(&m);
	buf_fini(&b);
}

static void it_is_found_again(void **state)
{
	struct buf b = BUF_INIT(4096);
	struct str rest;
	struct mask m;

	(void)state;
	buf_add_z(&b, "a~mask~b ~mask~c~. ");
	mask_write(&b, STR("one"));
	mask_write(&b, STR("two.three"));
	buf_add_z(&b, "~");
	rest = buf_str(&b);
	assert_true(mask_find(rest, &m));
	assert_int_equal(m.at, 19);
	assert_true(str_eq(m.name, STR("one")));
	rest = str_from(rest, m.at + m.n);
	assert_true(mask_find(rest, &m));
	assert_int_equal(m.at, 0);
	assert_true(str_eq(m.name, STR("two.three")));
	assert_int_equal(m.n, rest.n - 1);
	assert_false(mask_find(str_from(rest, m.n), &m));
	assert_false(mask_find(STR(""), &m));
	assert_false(mask_find(STR("~mask~"), &m));
	buf_fini(&b);
}

static bool is_mask(const struct secret *s, const char *name)
{
	struct str text = secret_expose(s);
	struct mask m;

	return mask_find(text, &m) && m.at == 0 && m.n == text.n &&
	       str_eq_z(m.name, name);
}

static struct config *read_things(struct config_report *r)
{
	static const struct config_table *const tables[] = { &thing, &kept,
							     NULL };
	struct config *c;

	scratch_write("live", "fresh\n");
	scratch_write("a.ini", "[thing a]\n"
			       "secret = one\n"
			       "other = two\n"
			       "live_file = live\n"
			       "text = three\n"
			       "[thing b]\n"
			       "text = four\n"
			       "[kept c]\n"
			       "secret = five\n");
	c = config_read(scratch_path("a.ini"), tables, NULL, r);
	show_mistakes(r);
	assert_mistakes(r, 0);
	return c;
}

static void secrets_are_exchanged(void **state)
{
	struct config_report *r = config_report_new();
	struct config *c = read_things(r);
	const struct config_section *a = config_nth(c, "thing", 0);
	const struct config_section *b = config_nth(c, "thing", 1);
	const struct config_section *other = config_nth(c, "kept", 0);
	const struct block *in = config_block(a, &thing);
	struct secret *now;

	(void)state;
	assert_false(config_masked(a));
	config_mask(c, "thing", "other");
	assert_true(config_masked(a));
	assert_true(config_masked(b));
	assert_true(is_mask(in->secret, "secret"));
	assert_null(in->other);
	assert_true(config_live_given(&in->live));
	now = config_live_read(&in->live, NULL);
	assert_true(is_mask(now, "live"));
	secret_unref(&now);
	assert_string_equal(in->text, "three");
	in = config_block(b, &thing);
	assert_null(in->secret);
	assert_false(config_live_given(&in->live));
	in = config_block(other, &kept);
	assert_false(config_masked(other));
	assert_true(secret_eq_str(in->secret, STR("five")));
	config_free(&c);
	config_report_free(&r);
}

static void no_such_kind(void **state)
{
	struct config_report *r = config_report_new();
	struct config *c = read_things(r);

	(void)state;
	config_mask(c, "none", "");
	assert_false(config_masked(config_nth(c, "thing", 0)));
	config_free(&c);
	config_report_free(&r);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_place_encodes_it),
		cmocka_unit_test(it_is_found_again),
		TEST(secrets_are_exchanged),
		TEST(no_such_kind),
	};

	return cmocka_run_group_tests_name("config/mask", tests, NULL, NULL);
}
