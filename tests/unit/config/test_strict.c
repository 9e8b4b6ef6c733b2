/* SPDX-License-Identifier: MIT */
#include "config/strict.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "config/live_secret.h"
#include "config/scratch.h"

struct main_settings {
	struct config_list include, provider_dir;
};

struct settings {
	struct secret *password, *proxy;
	struct config_live_secret token;
	char *hook, *key, *other, *profile;
};

#define MAIN(field) offsetof(struct main_settings, field)
#define ROW(field) offsetof(struct settings, field)

/* clang-format off */
static const struct config_key main_keys[] = {
	{ "include", &config_list, MAIN(include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL, "" },
	{ "profiles", &config_paths, MAIN(provider_dir),
	  CONFIG_REPEAT | CONFIG_PROFILE_DIR, NULL, NULL, "" },
};

static const struct config_key keys[] = {
	{ "password", &config_secret, ROW(password), CONFIG_SECRET, NULL,
	  NULL, "" },
	{ "proxy", &config_secret, ROW(proxy), CONFIG_SECRET | CONFIG_ADDRESS,
	  NULL, NULL, "" },
	{ "token", &config_live_token, ROW(token), CONFIG_SECRET, NULL, NULL,
	  "" },
	{ "hook", &config_path, ROW(hook), CONFIG_GUARDED, NULL, NULL, "" },
	{ "key", &config_path, ROW(key), CONFIG_PRIVATE, NULL, NULL, "" },
	{ "other", &config_path, ROW(other), 0, NULL, NULL, "" },
	{ "profile", &config_text, ROW(profile), CONFIG_PROFILE, NULL, NULL,
	  "" },
};
/* clang-format on */

static const struct config_table main_table = {
	"main", "", CONFIG_KEYS(main_keys), sizeof(struct main_settings), 0
};
static const struct config_table table = {
	"thing", "", CONFIG_KEYS(keys), sizeof(struct settings), 0
};

static struct config *config;
static struct config_report *report;

/* Others get to the scratch folder. */
static int setup(void **state)
{
	umask(022);
	return scratch_setup(state) || chmod(scratch, 0755);
}

static int teardown(void **state)
{
	config_free(&config);
	config_report_free(&report);
	return scratch_teardown(state);
}

static void file(const char *name, const char *text, mode_t mode)
{
	scratch_write(name, text);
	assert_int_equal(chmod(scratch_path(name), mode), 0);
}

static void folder(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(scratch_path(name), 0700), 0);
	assert_int_equal(chmod(scratch_path(name), mode), 0);
}

/* Reads main.ini as it is there. */
static const struct settings *read_main(bool strict, const char *installed)
{
	const struct config_table *const tables[] = { &main_table, &table,
						      NULL };
	struct ownership who = ownership_of_process();

	config_free(&config);
	config_report_free(&report);
	report = config_report_new();
	config = config_read(scratch_path("main.ini"), tables, installed,
			     report);
	config_check_files(config, &who, strict, report);
	return config_count_of(config, "thing") ?
		       config_block(config_nth(config, "thing", 0), &table) :
		       NULL;
}

static void assert_warning(const char *place, const char *words)
{
	char at[512];

	assert_int_equal(config_report_warnings(report), 1);
	(void)snprintf(at, sizeof(at), "%s/%s: warning: ", scratch, place);
	assert_int_equal(strncmp(config_report_warning(report, 0), at,
				 strlen(at)), 0);
	assert_non_null(strstr(config_report_warning(report, 0), words));
}

static void assert_clean(void)
{
	assert_mistakes(report, 0);
	assert_int_equal(config_report_warnings(report), 0);
}

static void test_nothing_wrong(void **state)
{
	(void)state;
	file("p", "secret", 0600);
	file("h", "", 0644);
	file("k", "public", 0644);
	file("o", "", 0666);
	file("main.ini", "[thing x]\npassword_file = p\nhook = h\nkey = k\n"
	     "other = o\nproxy = http://proxy.example\n", 0644);
	read_main(true, NULL);
	assert_clean();
}

static void test_the_file_itself(void **state)
{
	(void)state;
	file("main.ini", "[thing x]\n", 0666);
	read_main(true, NULL);
	assert_mistakes(report, 1);
	assert_mistake(report, "main.ini", "(strict_modes)");
	assert_int_equal(config_report_warnings(report), 0);
	read_main(false, NULL);
	assert_mistakes(report, 0);
	assert_warning("main.ini", "can be written by everybody");
}

static void test_what_is_included(void **state)
{
	(void)state;
	folder("conf.d", 0755);
	file("main.ini", "[main]\ninclude = conf.d/*\n", 0644);
	file("conf.d/a", "[thing a]\n", 0644);
	file("conf.d/b", "[thing b]\n", 0646);
	read_main(true, NULL);
	assert_mistakes(report, 1);
	assert_mistake(report, "conf.d/b", "everybody (mode 0646)");
}

/* A directory is told of once. */
static void test_directory_above(void **state)
{
	(void)state;
	folder("conf.d", 0777);
	file("main.ini", "[main]\ninclude = conf.d/*\n[thing x]\n"
	     "password_file = conf.d/c\n", 0644);
	file("conf.d/a", "[thing a]\n", 0644);
	file("conf.d/b", "[thing b]\n", 0644);
	file("conf.d/c", "[main]\n", 0644);
	read_main(true, NULL);
	assert_mistake(report, "main.ini:4", "password_file: the directory");
}

static void test_secrets(void **state)
{
	static const char *const lines[] = { "password_file", "token_file",
					     "key" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(text, sizeof(text), "[thing x]\n%s = s\n",
			       lines[i]);
		file("main.ini", text, 0644);
		file("s", "-----BEGIN PRIVATE KEY-----", 0602);
		read_main(true, NULL);
		assert_mistake(report, "main.ini:2", lines[i]);
		file("s", "-----BEGIN PRIVATE KEY-----", 0604);
		read_main(true, NULL);
		assert_mistakes(report, 0);
		assert_warning("main.ini:2", "everybody can read it");
		file("s", "-----BEGIN PRIVATE KEY-----", 0640);
		read_main(true, NULL);
		assert_clean();
	}
}

/* Where a key could be that is not seen. */
static void test_large_file(void **state)
{
	char *text = mem_alloc(LIMIT_PEM_FILE + 2);

	(void)state;
	file("main.ini", "[thing x]\nkey = s\n", 0644);
	memset(text, '-', LIMIT_PEM_FILE + 1);
	text[LIMIT_PEM_FILE + 1] = '\0';
	file("s", text, 0604);
	read_main(true, NULL);
	assert_warning("main.ini:2", "everybody can read it");
	text[LIMIT_PEM_FILE] = '\0';
	file("s", text, 0604);
	read_main(true, NULL);
	assert_clean();
	mem_free(text);
}

static void test_secrets_in_the_file(void **state)
{
	(void)state;
	file("main.ini", "[thing x]\npassword = s3cret\n", 0644);
	read_main(true, NULL);
	assert_warning("main.ini", "holds a secret");
	file("main.ini", "[thing x]\nproxy = http://a:b@proxy\n", 0644);
	read_main(true, NULL);
	assert_warning("main.ini", "holds a secret");
	file("main.ini", "[thing x]\npassword = s3cret\n", 0640);
	read_main(true, NULL);
	assert_clean();
}

static void test_what_is_run(void **state)
{
	(void)state;
	file("h", "", 0622);
	file("main.ini", "[thing x]\nhook = h\n", 0644);
	read_main(true, NULL);
	assert_mistake(report, "main.ini:2", "hook: ");
}

/* Those that came with the program are as good as that. */
static void test_profiles(void **state)
{
	(void)state;
	folder("own", 0755);
	folder("installed", 0777);
	file("h", "", 0666);
	file("installed/one.ini", "[profile one]\nhook = ../h\n", 0666);
	file("own/two.ini", "[profile two]\n", 0666);
	file("main.ini", "[main]\nprofiles = own\n[thing x]\nprofile = one\n",
	     0644);
	read_main(true, scratch_path("installed"));
	assert_clean();
	file("main.ini", "[main]\nprofiles = own\n[thing x]\nprofile = two\n",
	     0644);
	read_main(true, scratch_path("installed"));
	assert_mistakes(report, 1);
	assert_mistake(report, "own/two.ini", "everybody");
}

/* What is read again is held to it each time. */
static void test_live_secrets(void **state)
{
	const struct settings *set;
	struct fault f = { "" };
	struct secret *now;

	(void)state;
	file("t", "one", 0600);
	file("main.ini", "[thing x]\ntoken_file = t\n", 0644);
	set = read_main(true, NULL);
	now = config_live_read(&set->token, &f);
	assert_non_null(now);
	secret_unref(&now);
	file("t", "evil", 0606);
	assert_null(config_live_read(&set->token, &f));
	assert_non_null(strstr(f.text, "can be written by everybody"));
	assert_null(strstr(f.text, "evil"));
	file("t", "two", 0604);
	now = config_live_read(&set->token, &f);
	assert_non_null(now);
	assert_true(secret_eq_str(now, STR("two")));
	secret_unref(&now);
	set = read_main(false, NULL);
	file("t", "three", 0606);
	now = config_live_read(&set->token, &f);
	assert_non_null(now);
	secret_unref(&now);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_nothing_wrong),
		T(test_the_file_itself),
		T(test_what_is_included),
		T(test_directory_above),
		T(test_secrets),
		T(test_large_file),
		T(test_secrets_in_the_file),
		T(test_what_is_run),
		T(test_profiles),
		T(test_live_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
