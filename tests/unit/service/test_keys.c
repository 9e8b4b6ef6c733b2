/* SPDX-License-Identifier: MIT */
#include "service/keys.h"
#include "service/service.h"

#include "service/scratch.h"

static bool joined(const struct config_table *t)
{
	const struct config_table *const *all = service_tables();

	while (*all && *all != t)
		all++;
	return *all != NULL;
}

static void test_all_tables(void **state)
{
	(void)state;
	assert_true(joined(&proxy_settings_table));
	assert_true(joined(&route_settings_table));
	assert_true(joined(&token_settings_table));
	assert_true(joined(&oauth_settings_table));
	for (size_t i = 0; grants[i]; i++)
		assert_true(!grants[i]->table || joined(grants[i]->table));
	for (size_t i = 0; client_auths[i]; i++)
		assert_true(!client_auths[i]->table ||
			    joined(client_auths[i]->table));
	assert_ptr_equal(service_tables(), service_tables());
}

/* A name means one thing in a kind of section. */
static void test_no_key_twice(void **state)
{
	const struct config_table *const *a = service_tables();

	(void)state;
	for (; *a; a++)
		for (const struct config_table *const *b = a; *b; b++)
			for (size_t i = 0; i < (*a)->nkeys; i++)
				for (size_t j = 0; j < (*b)->nkeys; j++) {
					if ((a == b && i == j) ||
					    strcmp((*a)->section,
						   (*b)->section) != 0)
						continue;
					assert_string_not_equal(
						(*a)->keys[i].name,
						(*b)->keys[j].name);
				}
}

/* One key of a section names its profile; what says who may come, where a
 * service is, or whom it trusts, is in none. */
static void test_profiles(void **state)
{
	static const char *const shared[] = { "upstream", "upstream_hosts" };
	const struct config_table *const *t = service_tables();
	size_t named = 0, dirs = 0;

	(void)state;
	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++) {
			unsigned flags = (*t)->keys[i].flags;

			named += (flags & CONFIG_PROFILE) != 0;
			dirs += (flags & CONFIG_PROFILE_DIR) != 0;
		}
	assert_int_equal(named, 1);
	assert_int_equal(dirs, 1);
	for (size_t i = 0; i < route_settings_table.nkeys; i++) {
		const struct config_key *k = &route_settings_table.keys[i];
		bool is_shared = !strcmp(k->name, shared[0]) ||
				 !strcmp(k->name, shared[1]);

		assert_int_equal(!(k->flags & (CONFIG_OWN | CONFIG_PROFILE)),
				 is_shared);
	}
}

/* Secrets are what can come from elsewhere, and nothing else can. */
static void test_flags(void **state)
{
	const struct config_table *const *t = service_tables();

	(void)state;
	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++) {
			const struct config_key *k = &(*t)->keys[i];

			assert_int_equal((k->flags & CONFIG_SECRET) != 0,
					 k->type == &config_secret ||
					 k->type == &config_token ||
					 k->type->live);
			assert_int_equal(k->words != NULL,
					 k->type == &config_word);
			assert_true(k->offset < (*t)->size);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_tables),
		cmocka_unit_test(test_no_key_twice),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_flags),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
