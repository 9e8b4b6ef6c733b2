/* SPDX-License-Identifier: MIT */
/* Services that share another's session, and which keys may stand there. */
#include "service/service.h"

#include "service/scratch.h"

#define OWNER                                                               \
	"[service a]\nupstream = https://a.test\n"                          \
	"grant_type = client_credentials\nclient_id = x\n"                  \
	"client_secret = s\ntoken_endpoint = https://as.test/\n"
#define SHARES "[service b]\nupstream = https://b.test\nsession = a\n"

static void test_shared(void **state)
{
	(void)state;
	load_good(OWNER SHARES);
	assert_ptr_equal(services->v[1]->session_of, services->v[0]);
	assert_ptr_equal(services->v[0]->session_of, services->v[0]);
}

static void test_what_cannot_be_shared(void **state)
{
	(void)state;
	load(SHARES);
	assert_mistake(3, "there is no such service");
	assert_mistakes(1);
	load(OWNER SHARES "[service c]\nupstream = https://c.test\n"
			  "session = b\n");
	assert_mistake(12, "b has no session of its own");
	assert_mistakes(1);
	load("[service a]\nupstream = https://a.test\n" SHARES);
	assert_mistake(5, "a has no tokens");
	assert_mistakes(1);
}

/* What is of the route's own requests stands beside session, and what makes
 * the token does not. */
static void test_keys(void **state)
{
	(void)state;
	load_good(OWNER SHARES
		  "token_placement = query\ntoken_name = t\n"
		  "token_format = {access_token}\nrefresh_status = 403\n"
		  "replay = never\nreplay_body = 1K\n"
		  "existing_credential = keep\npath = /b/\n"
		  "protected_request.header.X-A = b\n");
	load(OWNER SHARES "client_id = y\nscope = s\ntoken_timeout = 1s\n");
	assert_mistake(10, "client_id has no use beside session = a: give it "
			   "there");
	assert_mistake(11, "scope has no use beside session");
	assert_mistake(12, "token_timeout has no use beside session");
	assert_mistakes(3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_what_cannot_be_shared),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("service/sharing", tests, NULL,
					   scratch_teardown);
}
