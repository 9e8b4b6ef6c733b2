/* SPDX-License-Identifier: MIT */
/* A hook's file, written for a test, and a message to call it with. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/log.h"
#include "oauth/hook/hook.h"
#include "oauth/section.h"

struct lua {
	char path[40];
	struct section section;
	struct hook *hook;
	struct buf mistakes;
	struct arena arena;
	struct hook_message m;
	int log; /* what was logged can be read here */
	struct fault f;
};

static inline void lua_note(void *arg, const struct fault *f)
{
	struct lua *l = arg;

	buf_addf(&l->mistakes, "%s\n", f->text);
}

/* Reads the file; returns what hook_new did. */
static inline int lua_read(struct lua *l, struct str text)
{
	char lines[256];
	int fd, rc;

	memset(l, 0, sizeof(*l));
	buf_init(&l->mistakes, 4096);
	strcpy(l->path, "/tmp/bearerd-hook-XXXXXX");
	fd = mkstemp(l->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	close(fd);
	snprintf(lines, sizeof(lines),
		 "hook = %s\nclient_id = me\nclient_secret = s3cret-s3cret\n",
		 l->path);
	l->section = section_new(lines);
	rc = hook_new(&l->hook, l->section.s, lua_note, l);
	unlink(l->path);
	return rc;
}

/* A request, which the function may do with as it likes. */
static inline void lua_message(struct lua *l)
{
	arena_fini(&l->arena);
	l->m = (struct hook_message){
		.arena = &l->arena,
		.service = "api",
		.section = l->section.s,
		.method = STR("GET"),
		.url = STR("https://api.example.test/v1/me?a=1"),
		.has_body = HOOK_BODY_NONE,
	};
	fields_init(&l->m.fields, &l->arena);
	fields_add(&l->m.fields, STR("Accept"), STR("text/plain"));
	fields_add(&l->m.fields, STR("X-Many"), STR("1"));
	fields_add(&l->m.fields, STR("X-Other"), STR("o"));
	fields_add(&l->m.fields, STR("x-many"), STR("2"));
}

static inline int lua_open(struct lua *l, const char *text)
{
	int rc = lua_read(l, str_z(text));

	if (rc == 0)
		lua_message(l);
	return rc;
}

static inline void lua_shut(struct lua *l)
{
	hook_free(&l->hook);
	arena_fini(&l->arena);
	buf_fini(&l->mistakes);
	section_free(&l->section);
}

/* Calls protected_request in m; the log's lines are in log, cut. */
static inline int lua_call_in(struct lua *l, struct hook_machine *m, char *log,
			      size_t size)
{
	FILE *to = tmpfile();
	size_t n;
	int rc;

	assert_non_null(to);
	log_set_fd(fileno(to));
	rc = hook_call(m, l->hook, HOOK_PROTECTED_REQUEST, &l->m, &l->f);
	log_set_fd(STDERR_FILENO);
	rewind(to);
	n = fread(log, 1, size - 1, to);
	log[n] = '\0';
	fclose(to);
	return rc;
}

/* The body of protected_request(r), run once: NULL where that went well, else
 * the log's line, until the next call. */
static inline const char *lua_run(const char *body)
{
	static char log[1024];
	struct hook_machine *m = hook_machine_new();
	struct buf text = BUF_INIT(64 * 1024);
	struct lua l;
	int rc;

	buf_addf(&text, "function protected_request(r)\n%s\nend\n", body);
	if (lua_open(&l, buf_z(&text)) < 0)
		print_error("%s", buf_z(&l.mistakes));
	assert_non_null(l.hook);
	rc = lua_call_in(&l, m, log, sizeof(log));
	if (rc < 0)
		assert_string_equal(l.f.text, "the hook protected_request has "
				    "failed; the log says where");
	assert_int_equal(rc < 0, log[0] != '\0');
	lua_shut(&l);
	buf_fini(&text);
	hook_machine_free(&m);
	return rc < 0 ? log : NULL;
}

/* Under sanitizers another bound, that on time, may be met first. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LUA_IS_SLOW true
#else
#define LUA_IS_SLOW false
#endif

static inline bool lua_was_slow(const char *log)
{
	return LUA_IS_SLOW && log && strstr(log, "it takes too long");
}

/* Runs it, and shows what went wrong where that should go well. */
static inline void lua_good(const char *body)
{
	const char *log = lua_run(body);

	if (!log || lua_was_slow(log))
		return;
	print_error("%s\n%s", body, log);
	fail();
}

/* Runs it, which must fail with these words in the log. */
static inline void lua_bad(const char *body, const char *words)
{
	const char *log = lua_run(body);
	bool said = log && (strstr(log, words) || lua_was_slow(log));

	if (!said)
		print_error("%s\n%s", body, log ? log : "nothing is wrong");
	assert_true(said);
}
