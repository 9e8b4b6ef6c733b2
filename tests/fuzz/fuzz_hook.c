/* SPDX-License-Identifier: MIT */
/* Hooks: whatever the text of a file, it is a mistake or it runs within its
 * bounds, and what it leaves is a request that can be written. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "config/config.h"
#include "fuzz.h"
#include "oauth/hook/hook.h"
#include "oauth/settings.h"

static struct config *config;
static char path[] = "/tmp/bearerd-fuzz-hook-XXXXXX";

static void put(const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	ASSERT(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

static void clean(void)
{
	unlink(path);
	config_free(&config);
}

/* A section that names the file, read once. */
static const struct config_section *section(void)
{
	static const struct config_table *const tables[] = {
		&oauth_settings_table, &hook_settings_table, NULL
	};
	struct config_report *report;
	char lines[256];
	int fd;

	if (config)
		return config_nth(config, "service", 0);
	fd = mkstemp(path);
	ASSERT(fd >= 0);
	close(fd);
	snprintf(lines, sizeof(lines), "[service api]\nhook = %s\n"
		 "client_id = me\nclient_secret = secret\n", path);
	put(lines, strlen(lines));
	report = config_report_new();
	config = config_read(path, tables, NULL, report);
	ASSERT(config_report_count(report) == 0);
	config_report_free(&report);
	atexit(clean);
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	return config_nth(config, "service", 0);
}

static void note(void *arg, const struct fault *f)
{
	size_t *mistakes = arg;

	ASSERT(f->text[0]);
	++*mistakes;
}

static void check(const struct hook_message *m)
{
	if (m->status)
		ASSERT(m->status >= 100 && m->status <= 599);
	else
		ASSERT(str_is_token(m->method));
	for (size_t i = 0; i < m->fields.n; i++) {
		ASSERT(str_is_token(m->fields.v[i].name));
		ASSERT(field_value_valid(m->fields.v[i].value));
		ASSERT(!hook_field_is_ours(m->fields.v[i].name));
	}
	for (size_t i = 0; i < m->nparams; i++)
		ASSERT(m->params[i].name.n < LIMIT_TOKEN_REQUEST);
}

static void call(struct hook_machine *machine, const struct hook *h,
		 enum hook_function function)
{
	bool is_response = function == HOOK_ACCESS_TOKEN_RESPONSE ||
			   function == HOOK_REFRESH_TOKEN_RESPONSE;
	struct arena arena = { NULL, NULL, NULL };
	struct token_param params[] = { { STR("a"), STR("1") } };
	struct hook_message m = {
		.arena = &arena,
		.service = "api",
		.section = section(),
		.status = is_response ? 200 : 0,
		.method = STR("POST"),
		.url = STR("https://api.example/x?y=z"),
		.params = params,
		.nparams = !is_response,
		.has_params = !is_response,
		.has_body = HOOK_BODY_TEXT,
		.body = STR("{\"a\":[1,2,{\"b\":null}],\"c\":\"d e\"}"),
	};
	struct fault f = { "" };

	fields_init(&m.fields, &arena);
	fields_add(&m.fields, STR("Accept"), STR("text/plain"));
	fields_add(&m.fields, STR("accept"), STR("x/y"));
	if (hook_call(machine, h, function, &m, &f) == 0)
		check(&m);
	else
		ASSERT(f.text[0]);
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct config_section *s = section();
	struct hook_machine *machine = hook_machine_new();
	time_t began = time(NULL);
	size_t mistakes = 0;
	struct hook *h;
	int rc;

	put(data, size);
	rc = hook_new(&h, s, note, &mistakes);
	ASSERT((rc < 0) == (mistakes > 0) && (rc < 0) == (h == NULL));
	for (int i = 0; h && i < HOOK_FUNCTIONS; i++) {
		if (hook_has(h, (enum hook_function)i))
			call(machine, h, (enum hook_function)i);
	}
	ASSERT(time(NULL) - began < 60);
	hook_free(&h);
	hook_machine_free(&machine);
	return 0;
}
