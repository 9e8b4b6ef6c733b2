/* SPDX-License-Identifier: MIT */
#include "service/service.h"

#include "service/scratch.h"

#define EXCHANGE(name, of)                                                  \
	"[service " name "]\nupstream = https://" name ".test\n"            \
	"grant_type = token-exchange\nclient_id = x\n"                      \
	"token_endpoint = https://as.test/\n"                               \
	"subject_token_service = " of "\n"

#define LOGIN "[service login]\nupstream = https://l.test\naccess_token = t\n"

static void test_another_service(void **state)
{
	(void)state;
	load_good(LOGIN EXCHANGE("a", "login") EXCHANGE("b", "a"));
	assert_string_equal(services->v[2]->grant->other_service(
				    services->v[2]->section), "a");
	assert_string_not_equal(services->v[1]->identity,
				services->v[2]->identity);
}

static void test_what_cannot_be(void **state)
{
	(void)state;
	load(EXCHANGE("a", "nobody") EXCHANGE("b", "b"));
	assert_mistake(6, "no such service");
	assert_mistake(12, "the token of b would be needed to get the token "
			   "of b");
	assert_mistakes(2);
	load(EXCHANGE("a", "b") EXCHANGE("b", "c") EXCHANGE("c", "b"));
	assert_mistake(12, "the token of c would be needed");
	assert_mistake(18, "the token of b would be needed");
	assert_mistakes(2);
	/* A shared session is its owner's. */
	load(EXCHANGE("a", "b")
	     "[service b]\nupstream = https://b.test\nsession = a\n");
	assert_mistake(6, "the token of a would be needed to get the token "
			  "of a");
	assert_mistakes(1);
	load_good(EXCHANGE("a", "b")
		  "[service b]\nupstream = https://b.test\nsession = login\n"
		  LOGIN);
	assert_string_equal(services->v[0]->subject->name, "login");
	load(EXCHANGE("a", "b") "[service b]\nupstream = https://b.test\n");
	assert_mistake(6, "b has no tokens (grant_type = none)");
	assert_mistakes(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_service),
		cmocka_unit_test(test_what_cannot_be),
	};

	return cmocka_run_group_tests_name("service/others", tests, NULL,
					   scratch_teardown);
}
