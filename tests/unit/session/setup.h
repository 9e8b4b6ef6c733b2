/* SPDX-License-Identifier: MIT */
/* Services for the tests of session/, read from a file as a user's are. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "service/service.h"

/* A configuration of this text, "@" in it being a port; it must be good. */
static inline struct services *services_at(const char *text, const char *port)
{
	struct config_report *report = config_report_new();
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);
	struct services *s;

	assert_true(fd >= 0);
	for (const char *p = text; *p; p++)
		assert_true(*p == '@' ? dprintf(fd, "%s", port) > 0 :
					write(fd, p, 1) == 1);
	close(fd);
	s = services_load(path, report);
	unlink(path);
	for (size_t i = 0; i < config_report_count(report); i++)
		print_error("%s\n", config_report_text(report, i));
	assert_non_null(s);
	config_report_free(&report);
	return s;
}

static inline struct services *services_of(const char *text)
{
	return services_at(text, "1");
}

/* The keys of a service that asks a token endpoint on this port. */
#define SERVICE(name)                                                  \
	"[service " name "]\n"                                         \
	"upstream = https://" name ".example.com\n"                    \
	"grant_type = client_credentials\n"                            \
	"token_endpoint = http://127.0.0.1:@/token\n"                  \
	"client_id = demo\n"                                           \
	"client_secret = s3cr3t/w%rd+\n"

/* A token of these values. */
static inline struct token *token_of(const char *access_token,
				     int64_t expires_in, int64_t sent_wall)
{
	struct token *t = mem_new(struct token);

	t->refs = 1;
	t->access_token = secret_new(str_z(access_token));
	t->token_type = mem_strdup("Bearer");
	t->expires_in = expires_in;
	t->sent_wall = sent_wall;
	return t;
}
