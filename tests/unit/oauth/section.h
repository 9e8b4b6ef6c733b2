/* SPDX-License-Identifier: MIT */
/* A section with session keys, read from a file as a user's would be. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "config/config.h"
#include "oauth/client_auth/client_auth.h"
#include "oauth/compliance/compliance.h"
#include "oauth/grant/grant.h"
#include "oauth/hook/hook.h"
#include "oauth/login/id_token.h"
#include "oauth/placement/protected_request.h"
#include "oauth/settings.h"

struct section {
	struct config_report *report;
	struct config *config;
	const struct config_section *s; /* what the tests want */
};

/* Adds a table that is not there yet, for rows may share one. */
static inline void section_table(const struct config_table **tables,
				 const struct config_table *t)
{
	while (*tables && *tables != t)
		tables++;
	*tables = t;
}

/* All session tables, as the service layer joins them. */
static inline void section_tables(const struct config_table **tables)
{
	section_table(tables, &oauth_settings_table);
	section_table(tables, &compliance_table);
	section_table(tables, &protected_request_table);
	section_table(tables, &id_token_table);
	section_table(tables, &hook_settings_table);
	for (size_t i = 0; grants[i]; i++)
		section_table(tables, grants[i]->table);
	for (size_t i = 0; client_auths[i]; i++)
		section_table(tables, client_auths[i]->table);
}

/* Reads "[service api]" with these lines below it; the report may hold
 * mistakes. */
static inline struct section section_read(const char *lines)
{
	const struct config_table *tables[64] = { NULL };
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);
	struct section x;

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "[service api]\n%s", lines) > 0);
	close(fd);
	section_tables(tables);
	x.report = config_report_new();
	x.config = config_read(path, tables, NULL, x.report);
	unlink(path);
	x.s = config_nth(x.config, "service", 0);
	return x;
}

static inline struct section section_new(const char *lines)
{
	struct section x = section_read(lines);

	for (size_t i = 0; i < config_report_count(x.report); i++)
		print_error("%s\n", config_report_text(x.report, i));
	assert_int_equal(config_report_count(x.report), 0);
	assert_non_null(x.s);
	return x;
}

/* What a request of this section is made of, with nothing brought to it; for
 * one call. */
static inline const struct token_asking *asking(const struct section *x)
{
	static struct token_asking a;

	a = (struct token_asking){ .section = x->s };
	return &a;
}

/* The request's form, until the next call. */
static inline const char *form_of(struct token_request *r)
{
	buf_reset(&r->body);
	assert_int_equal(token_request_finish(r, STR("/"), NULL), 0);
	return buf_z(&r->body);
}

static inline void section_free(struct section *x)
{
	config_free(&x->config);
	config_report_free(&x->report);
	x->s = NULL;
}
