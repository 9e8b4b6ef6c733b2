/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include "session/setup.h"

static const char text[] =
	SERVICE("plain")
	SERVICE("bound") "dpop = yes\n";

enum { PLAIN, BOUND };

static struct services *services;
static struct session s;
static struct fault fault;

static int load(void **state)
{
	(void)state;
	services = services_of(text);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	services_free(&services);
	return 0;
}

static void begin(int service)
{
	session_init(&s, services->v[service], 1000);
}

static int fini(void **state)
{
	(void)state;
	session_fini(&s);
	return 0;
}

static struct token *token_of_type(const char *type)
{
	struct token *t = token_of("tok", 3600, 0);

	mem_free(t->token_type);
	t->token_type = mem_strdup(type);
	return t;
}

static int arrive(const char *type)
{
	struct token *t = token_of_type(type);
	int rc = session_arrived(&s, t, 1000, &fault);

	token_unref(&t);
	return rc;
}

static void obtain(const char *type)
{
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
	(void)session_key(&s);
	assert_int_equal(arrive(type), 0);
	assert_int_equal(session_obtained(&s, 1000), SESSION_PUBLISH);
	session_publish(&s, 1000);
}

static void without_dpop_there_is_none(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_null(session_key(&s));
	obtain("Bearer");
	assert_null(s.current->key);
}

static void made_once_and_published(void **state)
{
	struct key *key;

	(void)state;
	begin(BOUND);
	assert_null(s.key);
	key = session_key(&s);
	assert_non_null(key);
	assert_ptr_equal(session_key(&s), key);
	assert_null(s.current->key);
	obtain("dPoP");
	assert_ptr_equal(s.current->key, key);
	assert_true(str_eq(secret_expose(s.current->use->placed.value),
			   STR("DPoP tok")));
}

static void unbound_token_is_published_without(void **state)
{
	(void)state;
	begin(BOUND);
	obtain("Bearer");
	assert_non_null(s.key);
	assert_null(s.current->key);
	assert_true(str_eq(secret_expose(s.current->use->placed.value),
			   STR("Bearer tok")));
}

static void bound_token_needs_dpop_and_a_key(void **state)
{
	(void)state;
	begin(PLAIN);
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
	assert_int_equal(arrive("DPoP"), -1);
	assert_non_null(strstr(fault.text, "dpop = yes"));
	session_fini(&s);
	begin(BOUND);
	assert_int_equal(session_asked(&s, 0, 1000), SESSION_START);
	assert_int_equal(arrive("DPoP"), -1);
	assert_non_null(strstr(fault.text, "key"));
}

static void stored_and_taken_up_again(void **state)
{
	struct record r = { 0 };
	struct key *key;

	(void)state;
	begin(BOUND);
	obtain("DPoP");
	session_record(&s, &r);
	key = r.key;
	assert_ptr_equal(key, s.key);
	session_fini(&s);
	begin(BOUND);
	session_restore(&s, &r, 2000, 2000);
	assert_int_equal(s.current->generation, 1);
	assert_ptr_equal(s.current->key, key);
	assert_ptr_equal(session_key(&s), key);
	session_fini(&s);
	/* Without it the token is passed over. */
	key_unref(&r.key);
	begin(BOUND);
	session_restore(&s, &r, 2000, 2000);
	assert_int_equal(s.current->generation, 0);
	record_fini(&r);
}

static void begin_login(void)
{
	assert_int_equal(session_login_begins(&s, 2000), SESSION_PUBLISH);
}

static void login_brings_its_own(void **state)
{
	struct key *key = key_generate_p256();
	struct record r;

	(void)state;
	begin(BOUND);
	obtain("DPoP");
	begin_login();
	session_login_key(&s, key);
	assert_int_equal(arrive("DPoP"), 0);
	session_publish(&s, 2000);
	assert_ptr_not_equal(s.current->key, key); /* still the old token */
	session_record(&s, &r);
	assert_ptr_equal(r.key, key); /* with the new one */
	record_fini(&r);
	assert_int_equal(session_obtained(&s, 2000), SESSION_PUBLISH);
	session_publish(&s, 2000);
	assert_ptr_equal(s.current->key, key);
	assert_ptr_equal(session_key(&s), key);
	key_unref(&key);
}

static void failed_login_leaves_the_old_one(void **state)
{
	struct key *key = key_generate_p256(), *before;

	(void)state;
	begin(BOUND);
	obtain("DPoP");
	before = s.key;
	begin_login();
	session_login_key(&s, key);
	assert_int_equal(session_login_failed(&s), SESSION_PUBLISH);
	assert_ptr_equal(session_key(&s), before);
	assert_null(s.arrived_key);
	key_unref(&key);
}

static void forgotten_with_the_tokens(void **state)
{
	unsigned what;

	(void)state;
	begin(BOUND);
	obtain("DPoP");
	assert_int_equal(session_forget(&s, &what, &fault), 0);
	assert_null(s.key);
	session_publish(&s, 2000);
	assert_null(s.current->key);
}

#define TEST(name) cmocka_unit_test_teardown(name, fini)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_dpop_there_is_none),
		TEST(made_once_and_published),
		TEST(unbound_token_is_published_without),
		TEST(bound_token_needs_dpop_and_a_key),
		TEST(stored_and_taken_up_again),
		TEST(login_brings_its_own),
		TEST(failed_login_leaves_the_old_one),
		TEST(forgotten_with_the_tokens),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
