/* SPDX-License-Identifier: MIT */
/* conf/bearerd.ini.example as it is, and with its examples in force. */
#include "service/service.h"

#include <ftw.h>
#include <sys/stat.h>

#include "service/scratch.h"
#include "service/tree.h"

/* A CA of nobody's, for upstream_ca; a certificate is not checked by its
 * date until something is verified by it. */
static const char ca[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBgDCCASegAwIBAgIUKbT/bsQOpNFW3JydoBAtUhjpJr8wCgYIKoZIzj0EAwIw\n"
	"FTETMBEGA1UEAwwKZXhhbXBsZSBDQTAgFw0yNjExMjMxNzQxNTNaGA8yMTI2MTAz\n"
	"MDE3NDE1M1owFTETMBEGA1UEAwwKZXhhbXBsZSBDQTBZMBMGByqGSM49AgEGCCqG\n"
	"SM49AwEHA0IABOx8FcPhkPiztACvNjmoIwu2EJKGk0UjyEEX6XBZAy98WTS2pWwW\n"
	"sIWUOBAOjceGMCEnr17YSVkh19NI0NUkjomjUzBRMB0GA1UdDgQWBBSFl5GFivuI\n"
	"/74QYOY3hFNCm/nCFzAfBgNVHSMEGDAWgBSFl5GFivuI/74QYOY3hFNCm/nCFzAP\n"
	"BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHkDwZQz48rzBb+0eMyL\n"
	"H1g7ejJwXAY7//J3e2RTmMnvAiB0bh3qArjNj0PPCmkEb2ylkUOt5JrnbPm5ZjeO\n"
	"MNsVXA==\n"
	"-----END CERTIFICATE-----\n"
;

static char folder[64];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/bearerd-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	put("example.secret", "s3cret\n");
	put("intranet.token", "t0ken\n");
	put("lab.token", "t0ken\n");
	put("intranet-ca.pem", ca);
	setenv("TRACKER_TOKEN", "t0ken", 1);
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int unlink_one(const char *path, const struct stat *st ATTR_UNUSED,
		      int type ATTR_UNUSED, struct FTW *at ATTR_UNUSED)
{
	return remove(path);
}

static int teardown(void **state)
{
	unload();
	return nftw(folder, unlink_one, 4, FTW_DEPTH | FTW_PHYS) |
	       scratch_teardown(state);
}

/* An example is "#key = value" or "#[section]": no space behind the "#". */
static bool is_example(struct str line)
{
	return line.n > 1 && line.p[0] == '#' &&
	       (char_is_alpha(line.p[1]) || line.p[1] == '[');
}

static void read_example(struct buf *out, bool in_force)
{
	struct buf page = BUF_INIT(1 << 20);
	struct str rest;

	assert_true(tree_read("conf/bearerd.ini.example", &page));
	buf_init(out, 1 << 20);
	rest = buf_str(&page);
	while (rest.n) {
		struct str line = str_sub(rest, 0, str_find(rest, '\n'));

		rest = str_from(rest, line.n + 1);
		if (in_force && is_example(line))
			line = str_from(line, 1);
		buf_add_str(out, line);
		buf_add_char(out, '\n');
	}
	buf_fini(&page);
}

static void load_example(bool in_force)
{
	char path[128];
	struct buf text;

	read_example(&text, in_force);
	put("bearerd.ini", buf_z(&text));
	buf_fini(&text);
	unload();
	report = config_report_new();
	(void)snprintf(path, sizeof(path), "%s/bearerd.ini", folder);
	services = services_load(path, report);
	show_mistakes();
	assert_int_equal(config_report_count(report), 0);
	assert_non_null(services);
}

static void test_as_it_is(void **state)
{
	(void)state;
	load_example(false);
	assert_int_equal(services->n, 0);
}

static void test_in_force(void **state)
{
	(void)state;
	load_example(true);
	assert_int_equal(services->n, 4);
	assert_string_equal(services->v[0]->grant->name,
			    "client_credentials");
	assert_string_equal(services->v[1]->grant->name, "static");
	assert_string_equal(services->v[1]->placement.name, "X-Api-Key");
	assert_string_equal(services->v[2]->placement.placement->name,
			    "query");
	assert_non_null(services->v[2]->trust);
}

/* Whoever adds a key shows it. */
static void test_has_every_key(void **state)
{
	static const char *const left_out[] = {
		"external_url", "access_token", "client_secret",
	};
	const struct config_table *const *t = service_tables();
	struct buf text;

	(void)state;
	read_example(&text, true);
	for (; *t; t++)
		for (size_t i = 0; i < (*t)->nkeys; i++) {
			const char *key = (*t)->keys[i].name;
			char line[128];
			bool out = false;

			for (size_t j = 0; j < 3; j++)
				out |= !strcmp(key, left_out[j]);
			/* Of a wildcard, any. */
			if (str_ends(str_z(key), STR(".*")))
				(void)snprintf(line, sizeof(line), "\n%.*s",
					       (int)strlen(key) - 1, key);
			else
				(void)snprintf(line, sizeof(line), "\n%s = ",
					       key);
			if (!out && !strstr(buf_z(&text), line))
				fail_msg("the example has no %s", key);
		}
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_it_is),
		cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_has_every_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
