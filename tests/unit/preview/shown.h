/* SPDX-License-Identifier: MIT */
/* What is shown of the services of a test's own file. */
#pragma once

#include "base/alloc.h"
#include "base/limits.h"
#include "preview/preview.h"
#include "service/scratch.h"

/* As load, with masks. */
static inline void load_masked(const char *text)
{
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	unload();
	report = config_report_new();
	services = services_load_masked(path, report);
	unlink(path);
	show_mistakes();
	assert_non_null(services);
}

/* All that is shown of service i. buf_fini. */
static inline struct buf shown_of(size_t i)
{
	struct buf b = BUF_INIT(LIMIT_PREVIEW);
	char *external = preview_external(services);

	preview_write(services->v[i], external, &b);
	assert_true(buf_ok(&b));
	mem_free(external);
	return b;
}

/* That the text is all that is shown of the first service. */
static inline void assert_shown(const char *text, const char *want)
{
	struct buf b;

	load_masked(text);
	b = shown_of(0);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
}

/* That it holds these words. */
static inline void assert_shows(const char *text, const char *words)
{
	struct buf b;

	load_masked(text);
	b = shown_of(0);
	if (!strstr(buf_z(&b), words))
		fail_msg("nothing says \"%s\" in:\n%s", words, buf_z(&b));
	buf_fini(&b);
}

static inline void assert_hides(const char *text, const char *words)
{
	struct buf b;

	load_masked(text);
	b = shown_of(0);
	if (strstr(buf_z(&b), words))
		fail_msg("\"%s\" is in:\n%s", words, buf_z(&b));
	buf_fini(&b);
}
