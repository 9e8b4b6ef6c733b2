/* SPDX-License-Identifier: MIT */
/* A file of one of a session's secrets has changed. */
#include <fcntl.h>

#include "config/live_secret.h"
#include "session/session_fixture.h"

#define MACHINE_OF(name) \
	CLIENT_AT(name) "client_secret_file = @/secret\n"
#define CLIENT_AT(name)                                    \
	"[service " name "]\n"                             \
	"upstream = https://" name ".example.com\n"        \
	"token_endpoint = http://127.0.0.1:1/token\n"      \
	"client_id = demo\n"

/* clang-format off */
static const char files[] =
	"[service static]\nupstream = https://static.example.com\n"
	"access_token_file = @/token\n"
	CLIENT_AT("begun") "refresh_token_file = @/refresh\n"
	MACHINE_OF("client")
	CLIENT_AT("account") "username = joe\npassword_file = @/secret\n"
	MACHINE_OF("people")
	"authorization_endpoint = https://as.example.com/a\n"
	MACHINE_OF("placed") "token_format = {client_secret} {access_token}\n";
/* clang-format on */

enum { STATIC, BEGUN, CLIENT_ONLY, ACCOUNT, PEOPLE, PLACED };

static char folder[64];

static void put(const char *name, const char *value)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_true(write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void take_away(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/bearerd-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	put("token", "one\n");
	put("refresh", "first\n");
	put("secret", "s3cret\n");
	services = services_at(files, folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	session_fini(&s);
	services_free(&services);
	take_away("token");
	take_away("refresh");
	take_away("secret");
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

/* As the broker does it: what is placed by the workers is read first. */
static void changed(int64_t now)
{
	config_live_freshen(s.service->section);
	assert_int_equal(act(session_secrets_changed(&s), now),
			 SESSION_PUBLISH);
}

static bool uses(const char *access_token)
{
	return s.current->token &&
	       secret_eq_str(s.current->token->access_token,
			     str_z(access_token));
}

static bool places(const char *value)
{
	return secret_eq_str(s.current->use->placed.value, str_z(value));
}

/* --- a token that stands in the file --- */

static void other_token_takes_the_old_ones_place(void **state)
{
	uint64_t generation;
	char login_id[LOGIN_ID_SIZE];

	(void)state;
	begin(STATIC);
	generation = s.generation;
	memcpy(login_id, s.login_id, sizeof(login_id));
	assert_true(uses("one") && places("Bearer one"));
	put("token", "two\n");
	changed(2000);
	assert_true(uses("two") && places("Bearer two"));
	assert_true(s.generation > generation);
	/* what was exchanged for the old one is not its any more */
	assert_string_not_equal(s.login_id, login_id);
}

static void same_token_changes_nothing(void **state)
{
	uint64_t generation;

	(void)state;
	begin(STATIC);
	generation = s.generation;
	put("token", "one");
	changed(2000);
	assert_true(uses("one"));
	assert_int_equal(s.generation, generation);
}

/* While another one is being written, say. */
static void file_without_a_token_leaves_the_old_one(void **state)
{
	static const char *const odd[] = { "", "\n", "two\nlines\n",
					   "two \n", "t\x01wo" };

	(void)state;
	begin(STATIC);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		put("token", odd[i]);
		changed(2000);
		if (!uses("one"))
			fail_msg("\"%s\" was taken", odd[i]);
	}
	take_away("token");
	changed(2000);
	assert_true(uses("one"));
	put("token", "three");
	changed(2000);
	assert_true(uses("three"));
}

/* The upstream had refused the old one. */
static void refused_token_is_replaced(void **state)
{
	(void)state;
	begin(STATIC);
	act(session_asked(&s, s.generation, 2000), 2000);
	put("token", "two");
	changed(3000);
	assert_true(uses("two"));
	assert_int_equal(s.current->failure.status, 0);
	assert_int_equal(decision_of(s.current, 0, 3000), DECISION_TOKEN);
}

/* --- a refresh token --- */

static void other_refresh_token_begins_anew(void **state)
{
	(void)state;
	begin(BEGUN);
	assert_int_not_equal(session_asked(&s, 0, 2000), 0);
	obtain("rotated", 2000);
	asks_with("rotated");
	/* its file says the same as it did: what was rotated is newer */
	put("refresh", "first");
	changed(3000);
	asks_with("rotated");
	assert_non_null(s.token);
	put("refresh", "second");
	changed(4000);
	asks_with("second");
	assert_null(s.token);
	take_away("refresh");
	changed(5000);
	asks_with("second");
	put("refresh", "");
}

static void refused_refresh_token_is_replaced(void **state)
{
	(void)state;
	begin(BEGUN);
	assert_int_not_equal(session_asked(&s, 0, 2000), 0);
	fails(REFRESH_DENIED, true, 2000);
	assert_int_not_equal(s.current->failure.status, 0);
	put("refresh", "second");
	changed(3000);
	asks_with("second");
	assert_int_equal(s.current->failure.status, 0);
	assert_int_not_equal(session_asked(&s, 0, 3000), 0);
}

/* --- what proves who the client is --- */

static void refused_client_is_asked_again(void **state)
{
	(void)state;
	begin(CLIENT_ONLY);
	assert_int_not_equal(session_asked(&s, 0, 2000), 0);
	refuses(REFUSAL_CLIENT, 2000);
	/* in its pause nothing is asked */
	assert_int_equal(session_asked(&s, 0, 2001), 0);
	put("secret", "better");
	changed(2002);
	assert_int_equal(s.current->failure.status, 0);
	assert_int_not_equal(session_asked(&s, 0, 2003), 0);
}

/* After three refusals accounts get locked: another password is another
 * matter. */
static void password_that_was_given_up(void **state)
{
	int64_t now = 2000;

	(void)state;
	begin(ACCOUNT);
	for (int i = 0; i < 3; i++, now += 1000000) {
		assert_int_not_equal(session_asked(&s, 0, now), 0);
		fails(REFRESH_DENIED, true, now);
	}
	assert_true(s.pause.until == NEVER);
	assert_int_equal(session_asked(&s, 0, now), 0);
	put("secret", "better");
	changed(now);
	assert_int_not_equal(session_asked(&s, 0, now), 0);
	/* three more, not one */
	fails(REFRESH_DENIED, true, now);
	assert_true(s.pause.until != NEVER);
}

/* No secret of the client's stands for a person. */
static void login_is_waited_for_still(void **state)
{
	(void)state;
	begin(PEOPLE);
	assert_waits_for_login();
	put("secret", "better");
	changed(2000);
	assert_waits_for_login();
}

static void token_in_use_stays(void **state)
{
	uint64_t generation;

	(void)state;
	begin(PEOPLE);
	log_in("re", 1000);
	generation = s.generation;
	put("secret", "better");
	changed(2000);
	assert_true(uses("tok"));
	asks_with("re");
	assert_int_equal(s.generation, generation);
}

/* Where it is sent along with the token. */
static void secret_that_is_placed(void **state)
{
	uint64_t generation;

	(void)state;
	begin(PLACED);
	assert_int_not_equal(session_asked(&s, 0, 1000), 0);
	obtain(NULL, 1000);
	generation = s.generation;
	assert_true(places("s3cret tok"));
	put("secret", "better");
	changed(2000);
	assert_true(uses("tok") && places("better tok"));
	assert_int_equal(s.generation, generation);
	/* one that cannot be placed leaves the old one */
	put("secret", "two\nlines");
	changed(3000);
	assert_true(places("better tok"));
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(other_token_takes_the_old_ones_place),
		TEST(same_token_changes_nothing),
		TEST(file_without_a_token_leaves_the_old_one),
		TEST(refused_token_is_replaced),
		TEST(other_refresh_token_begins_anew),
		TEST(refused_refresh_token_is_replaced),
		TEST(refused_client_is_asked_again),
		TEST(password_that_was_given_up),
		TEST(login_is_waited_for_still),
		TEST(token_in_use_stays),
		TEST(secret_that_is_placed),
	};

	return cmocka_run_group_tests_name("session/secrets", tests, NULL,
					   NULL);
}
