/* SPDX-License-Identifier: MIT */
#include "broker/session_store.h"

#include "session/setup.h"

/* clang-format off */
static const char text[] =
	SERVICE("a") SERVICE("b")
	"[service fixed]\n"
	"upstream = https://fixed.example.com\naccess_token = pat\n";
/* clang-format on */

static struct services *services;
static struct store *store;

static int set_up(void **state)
{
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f;

	(void)state;
	services = services_of(text);
	store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	return store ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(&store);
	services_free(&services);
	return 0;
}

static void put(const char *id, struct str value)
{
	struct fault f;

	assert_int_equal(store_begin(store, &f), 0);
	assert_int_equal(store_put(store, str_z(id), value, &f), 0);
	assert_int_equal(store_commit(store, &f), 0);
}

static void no_delivery(struct mail *mail, void *owner)
{
	(void)mail;
	(void)owner;
	fail();
}

static void job_is_read_back(void **state)
{
	struct token *t = token_of("tok\"\\en", 3600, 12345);
	struct record r = { .token = t,
			    .request_digest = services->v[0]->request_digest };
	struct record back;
	struct keeper_job *job;
	struct fault f;

	(void)state;
	r.refresh_token = secret_new(STR("again"));
	job = session_store_job(services->v[0], &r, NULL, no_delivery);
	assert_string_equal(job->id, services->v[0]->identity);
	assert_ptr_equal(job->mail.deliver, no_delivery);
	assert_ptr_equal(session_store_job_service(job), services->v[0]);
	assert_ptr_equal(session_store_job_token(job), t);
	assert_int_equal(t->refs, 2);
	put(job->id, secret_expose(job->value));
	session_store_job_free(&job);
	assert_null(job);
	assert_int_equal(t->refs, 1);
	assert_int_equal(session_store_get(store, services->v[0], &back, &f),
			 1);
	assert_true(secret_eq(back.token->access_token, t->access_token));
	assert_true(secret_eq(back.refresh_token, r.refresh_token));
	assert_string_equal(back.request_digest, r.request_digest);
	record_fini(&back);
	/* another service's is another one */
	assert_int_equal(session_store_get(store, services->v[1], &back, &f),
			 0);
	assert_null(back.token);
	record_fini(&back);
	secret_unref(&r.refresh_token);
	token_unref(&t);
}

/* Where the access token is gone there may be a refresh token all the same. */
static void record_without_a_token(void **state)
{
	struct record r = { .request_digest = services->v[0]->request_digest },
		      back;
	struct keeper_job *job;
	struct fault f;

	(void)state;
	job = session_store_job(services->v[0], &r, NULL, no_delivery);
	assert_null(session_store_job_token(job));
	put(job->id, secret_expose(job->value));
	session_store_job_free(&job);
	assert_int_equal(session_store_get(store, services->v[0], &back, &f),
			 1);
	assert_null(back.token);
	record_fini(&back);
}

static void grant_without_a_request_stores_nothing(void **state)
{
	struct record r;
	struct fault f;

	(void)state;
	put(services->v[2]->identity, STR("rubbish"));
	assert_int_equal(session_store_get(store, services->v[2], &r, &f), 0);
	assert_null(r.token);
}

static void damage_is_an_error(void **state)
{
	struct record r;
	struct fault f;

	(void)state;
	put(services->v[0]->identity, STR("{}\n"));
	assert_int_equal(session_store_get(store, services->v[0], &r, &f), -1);
	assert_null(r.token);
	assert_non_null(strstr(f.text, "[service a]"));
	assert_non_null(strstr(f.text, "store"));
	record_fini(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(job_is_read_back),
		TEST(record_without_a_token),
		TEST(grant_without_a_request_stores_nothing),
		TEST(damage_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
