/* SPDX-License-Identifier: MIT */
#include "oauth/grant/grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/section.h"

#define CLIENT "client_id = x\ntoken_endpoint = https://as.example/t\n"
#define GRANT_PART                                                          \
	"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"            \
	"token-exchange"
#define TYPE_PART "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A"

static const struct grant *const grant = &grant_token_exchange;
static struct fault fault;

static void expect_form(const char *lines, const struct secret *other,
			const char *form, size_t nsecrets)
{
	struct section x = section_new(lines);
	struct token_asking a = *asking(&x);
	struct token_request r;

	a.subject_token = other;
	token_request_init(&r);
	assert_int_equal(grant->request(&a, &r, &fault), 0);
	assert_string_equal(form_of(&r), form);
	assert_int_equal(r.nsecrets, nsecrets);
	token_request_fini(&r);
	section_free(&x);
}

static void test_requests(void **state)
{
	struct secret *other = secret_new(STR("o/1"));

	(void)state;
	expect_form(CLIENT "subject_token = s/1\n", NULL,
		    GRANT_PART "&subject_token=s%2F1"
		    "&subject_token_type=" TYPE_PART "access_token", 1);
	expect_form(CLIENT "subject_token = s\nsubject_token_type = jwt\n"
		    "actor_token = a\nactor_token_type = saml2\n"
		    "scope = one two\naudience = api\nresource = urn:a\n",
		    NULL,
		    GRANT_PART "&subject_token=s&subject_token_type="
		    TYPE_PART "jwt&actor_token=a&actor_token_type="
		    TYPE_PART "saml2&scope=one+two&audience=api"
		    "&resource=urn%3Aa", 2);
	expect_form(CLIENT "subject_token = s\nsubject_token_type = urn:x:y\n",
		    NULL, GRANT_PART "&subject_token=s"
		    "&subject_token_type=urn%3Ax%3Ay", 1);
	expect_form(CLIENT "subject_token_service = login\n"
		    "subject_token_type = id_token\n", other,
		    GRANT_PART "&subject_token=o%2F1&subject_token_type="
		    TYPE_PART "id_token", 0);
	secret_unref(&other);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Whom the token in the file speaks of. */
static void expect_subject(const struct section *x, const char *path,
			   const char *token, const char *text)
{
	struct buf out = BUF_INIT(4096);

	put(path, token);
	assert_true(grant->subject(x->s, &out));
	assert_string_equal(buf_z(&out), text);
	buf_fini(&out);
}

static void test_the_subject_of_a_file(void **state)
{
	char path[] = "/tmp/bearerd-test-XXXXXX", lines[256];
	int fd = mkstemp(path);
	struct buf out = BUF_INIT(4096);
	struct section x;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	put(path, "one");
	(void)snprintf(lines, sizeof(lines), CLIENT "subject_token_file = %s\n",
		       path);
	x = section_new(lines);
	expect_subject(&x, path, "opaque\n", "token opaque\n");
	/* {"iss":"i","sub":"s","exp":1}, and with 2: the same one's */
	expect_subject(&x, path,
		       "e30.eyJpc3MiOiJpIiwic3ViIjoicyIsImV4cCI6MX0.a",
		       "jwt 1 is\n");
	expect_subject(&x, path,
		       "e30.eyJpc3MiOiJpIiwic3ViIjoicyIsImV4cCI6Mn0.b",
		       "jwt 1 is\n");
	/* {"iss":"i"} */
	expect_subject(&x, path, "e30.eyJpc3MiOiJpIn0.",
		       "token "
		       "e30.eyJpc3MiOiJpIn0.\n");
	unlink(path);
	assert_false(grant->subject(x.s, &out));
	section_free(&x);
	x = section_new(CLIENT "subject_token = s\n");
	assert_false(grant->subject(x.s, &out));
	section_free(&x);
	x = section_new(CLIENT "subject_token_service = login\n");
	assert_false(grant->subject(x.s, &out));
	section_free(&x);
	buf_fini(&out);
}

/* Others keep a token fresh in its file. */
static void test_a_file_is_read_again(void **state)
{
	char path[] = "/tmp/bearerd-test-XXXXXX", lines[256];
	int fd = mkstemp(path);
	struct section x;
	struct token_request r;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	put(path, "one\n");
	(void)snprintf(lines, sizeof(lines), CLIENT "subject_token_file = %s\n",
		       path);
	x = section_new(lines);
	put(path, "two\n");
	token_request_init(&r);
	assert_int_equal(grant->request(asking(&x), &r, &fault), 0);
	assert_non_null(strstr(form_of(&r), "subject_token=two&"));
	token_request_fini(&r);
	unlink(path);
	token_request_init(&r);
	assert_int_equal(grant->request(asking(&x), &r, &fault), -1);
	assert_non_null(strstr(fault.text, "subject_token: "));
	assert_non_null(strstr(fault.text, path));
	token_request_fini(&r);
	section_free(&x);
}

static void test_the_other_service_has_none(void **state)
{
	struct section x = section_new(CLIENT
				       "subject_token_service = login\n");
	struct token_request r;

	(void)state;
	assert_string_equal(grant->other_service(x.s), "login");
	token_request_init(&r);
	assert_int_equal(grant->request(asking(&x), &r, &fault), -1);
	assert_non_null(strstr(fault.text, "login"));
	token_request_fini(&r);
	section_free(&x);
}

static void test_check(void **state)
{
	static const struct {
		const char *lines, *key; /* NULL: fine */
	} rows[] = {
		{ CLIENT "subject_token = s\n", NULL },
		{ CLIENT "subject_token_service = other\n", NULL },
		{ "subject_token = s\ntoken_endpoint = https://as.example/\n",
		  NULL },
		{ "subject_token = s\ntoken_endpoint = https://as.example/\n"
		  "client_secret = y\n", "client_id" },
		{ CLIENT, "subject_token" },
		{ CLIENT "subject_token = s\nsubject_token_service = o\n",
		  "subject_token_service" },
		{ CLIENT "subject_token = s\nsubject_token_type = token\n",
		  "subject_token_type" },
		{ CLIENT "subject_token = s\nactor_token_type = jwt\n",
		  "actor_token_type" },
		{ CLIENT "subject_token = s\nactor_token = a\n"
		  "actor_token_type = JWT\n", "actor_token_type" },
		{ "client_id = x\nsubject_token = s\n", "token_endpoint" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct section x = section_new(rows[i].lines);
		const char *key = NULL;
		int rc = grant->check(x.s, &key, &fault);

		if ((rc < 0) != (rows[i].key != NULL))
			fail_msg("%d for %s", rc, rows[i].lines);
		if (rc < 0) {
			assert_string_equal(key, rows[i].key);
			assert_non_null(strstr(fault.text, key));
		}
		section_free(&x);
	}
}

/* The name that these lines' tokens are kept under. mem_free. */
static char *user_of(const char *lines)
{
	struct section x = section_new(lines);
	void *state;
	const char *key;
	char *user;

	assert_int_equal(grant->prepare(x.s, &state, &key, &fault), 0);
	user = strdup(grant->user(x.s, state));
	grant->release(state);
	section_free(&x);
	return user;
}

static void test_users(void **state)
{
	char *a = user_of("subject_token = s3cret\n");
	char *b = user_of("subject_token = other\n");
	char *c = user_of("subject_token_service = login\n");

	(void)state;
	assert_string_not_equal(a, b);
	assert_null(strstr(a, "s3cret"));
	assert_string_equal(c, "service login");
	free(a);
	free(b);
	free(c);
}

static void test_row(void **state)
{
	(void)state;
	assert_ptr_equal(grant_find("urn:ietf:params:oauth:grant-type:"
				    "token-exchange", &fault), grant);
	assert_true(grant->repeatable);
	assert_false(grant->person);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_the_subject_of_a_file),
		cmocka_unit_test(test_a_file_is_read_again),
		cmocka_unit_test(test_the_other_service_has_none),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_row),
	};

	return cmocka_run_group_tests_name("oauth/grant/token_exchange", tests,
					   NULL, NULL);
}
