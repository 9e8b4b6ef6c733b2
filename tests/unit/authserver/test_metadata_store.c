/* SPDX-License-Identifier: MIT */
#include "authserver/metadata_store.h"

#include "base/limits.h"
#include "session/setup.h"

#define ISSUER "https://as.test"
#define DOCUMENT "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER "/k\"}"
#define ISSUED(name, issuer)                        \
	"[service " name "]\n"                      \
	"upstream = https://" name ".example.com\n" \
	"client_id = demo\nissuer = " issuer "\n"

static struct services *services;
static struct store *store;

static int set_up(void **state)
{
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f;

	(void)state;
	services = services_of(ISSUED("a", ISSUER) ISSUED("b", ISSUER "/b"));
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
	struct keeper_job *job = metadata_store_job(
		services->v[0], STR(DOCUMENT), 12345, NULL, no_delivery);
	struct metadata *m;
	int64_t wall = 0;
	struct fault f;

	(void)state;
	assert_string_equal(job->id, services->v[0]->metadata_id);
	assert_ptr_equal(job->mail.deliver, no_delivery);
	put(job->id, secret_expose(job->value));
	metadata_store_job_free(&job);
	assert_null(job);
	assert_int_equal(
		metadata_store_get(store, services->v[0], &m, &wall, &f), 1);
	assert_int_equal(wall, 12345);
	assert_string_equal(m->issuer, ISSUER);
	assert_string_equal(m->endpoints.v[ENDPOINT_JWKS], ISSUER "/k");
	metadata_unref(&m);
	/* another issuer's is another one */
	assert_int_equal(
		metadata_store_get(store, services->v[1], &m, &wall, &f), 0);
	assert_null(m);
}

static void longest_document(void **state)
{
	struct buf b = BUF_INIT(LIMIT_METADATA);
	struct keeper_job *job;
	struct metadata *m;
	struct fault f;
	int64_t wall;

	(void)state;
	buf_add_z(&b, DOCUMENT);
	while (buf_str(&b).n < LIMIT_METADATA)
		buf_add_char(&b, ' ');
	job = metadata_store_job(services->v[0], buf_str(&b), INT64_MAX, NULL,
				 no_delivery);
	put(job->id, secret_expose(job->value));
	metadata_store_job_free(&job);
	buf_fini(&b);
	assert_int_equal(
		metadata_store_get(store, services->v[0], &m, &wall, &f), 1);
	assert_int_equal(wall, INT64_MAX);
	metadata_unref(&m);
}

static void damage_is_told(void **state)
{
	static const char *const texts[] = {
		"", "\n" DOCUMENT, "-1\n" DOCUMENT, "12x\n" DOCUMENT, DOCUMENT,
		"12\n{}", "12\n{\"issuer\":\"https://evil.test\"}", "12\n",
	};
	struct metadata *m;
	struct fault f;
	int64_t wall;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(services->v[0]->metadata_id, str_z(texts[i]));
		assert_int_equal(metadata_store_get(store, services->v[0], &m,
						    &wall, &f),
				 -1);
		assert_null(m);
		assert_non_null(strstr(f.text, ISSUER " in the store"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(job_is_read_back),
		TEST(longest_document),
		TEST(damage_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
