/* SPDX-License-Identifier: MIT */
/* Services from a file of a test's own, and what was wrong with it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/endpoints.h"
#include "service/routes.h"
#include "service/service.h"

static struct services *services;
static struct config_report *report;

static inline void unload(void)
{
	services_free(&services);
	config_report_free(&report);
}

/* Reads the text as a file; a mistake's place is then its line alone. */
static inline void load(const char *text)
{
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	unload();
	report = config_report_new();
	services = services_load(path, report);
	unlink(path);
}

static inline void show_mistakes(void)
{
	for (size_t i = 0; i < config_report_count(report); i++)
		print_error("%s\n", config_report_text(report, i));
}

static inline void load_good(const char *text)
{
	load(text);
	show_mistakes();
	assert_int_equal(config_report_count(report), 0);
	assert_non_null(services);
}

/* Whether a mistake on the line holds the words. */
static inline bool has_mistake(int line, const char *words)
{
	char at[32];

	(void)snprintf(at, sizeof(at), ":%d: ", line);
	for (size_t i = 0; i < config_report_count(report); i++) {
		const char *text = config_report_text(report, i);
		const char *place = strstr(text, at);

		if (place && !memchr(text, ' ', (size_t)(place - text)) &&
		    strstr(place, words))
			return true;
	}
	return false;
}

static inline void assert_mistake(int line, const char *words)
{
	assert_null(services);
	if (has_mistake(line, words))
		return;
	show_mistakes();
	fail_msg("no mistake on line %d says \"%s\"", line, words);
}

static inline void assert_mistakes(size_t n)
{
	if (config_report_count(report) == n)
		return;
	show_mistakes();
	fail_msg("%zu mistakes instead of %zu", config_report_count(report),
		 n);
}

static inline const struct endpoint *at(const struct service *s,
					enum endpoint_kind kind)
{
	return &s->endpoints->v[kind];
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	unload();
	return 0;
}
