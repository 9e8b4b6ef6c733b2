/* SPDX-License-Identifier: MIT */
/* A folder of a test's own with configuration files in it, and what was wrong
 * with them. */
#pragma once

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

static char scratch[128];

static inline int scratch_setup(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/tmp/bearerd-test-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_unlink(const char *path, const struct stat *st,
				 int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	(void)state;
	return nftw(scratch, scratch_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* The name in the scratch folder; valid until the eighth call from now. */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][512];
	static int turn;
	char *path = paths[turn++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

static inline void scratch_write_n(const char *name, const char *p, size_t n)
{
	FILE *file = fopen(scratch_path(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static inline void scratch_write(const char *name, const char *text)
{
	scratch_write_n(name, text, strlen(text));
}

/* Whether a mistake at NAME:LINE holds the words; NAME is in the scratch
 * folder. */
static inline bool has_mistake(const struct config_report *r,
			       const char *place, const char *words)
{
	char at[512];

	(void)snprintf(at, sizeof(at), "%s/%s: ", scratch, place);
	for (size_t i = 0; i < config_report_count(r); i++) {
		const char *text = config_report_text(r, i);

		if (!strncmp(text, at, strlen(at)) && strstr(text, words))
			return true;
	}
	return false;
}

static inline void show_mistakes(const struct config_report *r)
{
	for (size_t i = 0; i < config_report_count(r); i++)
		print_error("%s\n", config_report_text(r, i));
}

static inline void assert_mistake(const struct config_report *r,
				  const char *place, const char *words)
{
	if (has_mistake(r, place, words))
		return;
	show_mistakes(r);
	fail_msg("no mistake at %s says \"%s\"", place, words);
}

static inline void assert_mistakes(const struct config_report *r, size_t n)
{
	if (config_report_count(r) == n)
		return;
	show_mistakes(r);
	fail_msg("%zu mistakes instead of %zu", config_report_count(r), n);
}
