/* SPDX-License-Identifier: MIT */
#include "oauth/service_account.h"

#include "oauth/keys.h"

static struct service_account account;
static struct fault fault;

/* Writes a file of these members, and the key where there is a %s. */
static int load_text(const char *format, bool with_key)
{
	struct buf b = BUF_INIT(1 << 16), pem = BUF_INIT(1 << 14);
	struct json_out o;
	char key[4096];
	FILE *file = fopen(keys_path("rsa.pem"), "r");
	size_t n = fread(key, 1, sizeof(key), file);
	int rc;

	assert_int_equal(fclose(file), 0);
	json_out_init(&o, &pem);
	json_out_str(&o, (struct str){ key, n });
	const char *at = strstr(format, "%s");

	buf_add_str(&b, (struct str){ format, at ? (size_t)(at - format) :
						   strlen(format) });
	if (at) {
		buf_add_str(&b, buf_str(&pem));
		buf_add_z(&b, at + 2);
	}
	service_account_fini(&account);
	fault.text[0] = '\0';
	rc = service_account_load(&account, keys_put("a.json", buf_z(&b)),
				  with_key, &fault);
	buf_fini(&b);
	buf_fini(&pem);
	return rc;
}

#define REST                                                                \
	"\"client_email\":\"x@p.iam.example\",\"token_uri\":"               \
	"\"https://oauth2.example/token\""
#define ALL "{\"type\":\"service_account\"," REST ",\"private_key\":%s}"

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(load_text("{\"type\":\"service_account\"," REST
				   ",\"private_key\":%s,\"private_key_id\":"
				   "\"k1\",\"project_id\":\"p\"}", true), 0);
	assert_string_equal(account.client_email, "x@p.iam.example");
	assert_string_equal(account.token_uri,
			    "https://oauth2.example/token");
	assert_string_equal(account.private_key_id, "k1");
	assert_int_equal(key_type(account.key), KEY_RSA);
	assert_int_equal(load_text(ALL, true), 0);
	assert_null(account.private_key_id);
	/* Another key is used. */
	assert_int_equal(load_text("{\"type\":\"service_account\"," REST "}",
				   false), 0);
	assert_null(account.key);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "a.json" },
		{ "[]", "not a JSON object" },
		{ "{\"type\":\"service_account\"", "a.json" },
		{ "{" REST ",\"private_key\":%s}", "no type" },
		{ "{\"type\":\"authorized_user\"," REST "}",
		  "not service_account" },
		{ "{\"type\":\"service_account\",\"token_uri\":"
		  "\"https://a/\",\"private_key\":%s}", "no client_email" },
		{ "{\"type\":\"service_account\",\"client_email\":7,"
		  "\"token_uri\":\"https://a/\",\"private_key\":%s}",
		  "no client_email" },
		{ "{\"type\":\"service_account\",\"client_email\":\"a\","
		  "\"private_key\":%s}", "no token_uri" },
		{ "{\"type\":\"service_account\",\"client_email\":\"a\","
		  "\"token_uri\":\"http://as.example/\",\"private_key\":%s}",
		  "token_uri must be an https URL" },
		{ "{\"type\":\"service_account\"," REST "}",
		  "no private_key" },
		{ "{\"type\":\"service_account\"," REST
		  ",\"private_key\":\"s3cret\"}", "private_key: " },
		{ "{\"type\":\"service_account\"," REST
		  ",\"private_key\":%s,\"private_key_id\":[]}",
		  "no private_key_id" },
		{ "{\"type\":\"service_account\"," REST
		  ",\"client_email\":\"b\",\"private_key\":%s}", "a.json" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (load_text(rows[i].text, true) == 0)
			fail_msg("taken: %s", rows[i].text);
		if (!strstr(fault.text, rows[i].words))
			fail_msg("%s: %s", rows[i].text, fault.text);
		assert_non_null(strstr(fault.text, keys_folder));
		assert_null(strstr(fault.text, "s3cret"));
		assert_null(account.client_email);
		assert_null(account.key);
	}
	assert_int_equal(service_account_load(&account, "/nothing", true,
					      &fault), -1);
	assert_non_null(strstr(fault.text, "/nothing"));
}

static int teardown(void **state)
{
	service_account_fini(&account);
	return keys_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests_name("oauth/service_account", tests,
					   keys_setup, teardown);
}
