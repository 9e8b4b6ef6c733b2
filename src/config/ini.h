/* SPDX-License-Identifier: MIT */
/* The lines of an INI text, by way of inih, with everything refused that inih
 * would bend without a word. Knows no sections and no keys by name. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

/* What is found, in the order of lines, which count from 1. The slices live
 * until the call returns. */
struct ini_events {
	/* "[kind name]"; name is what is behind the first white space and may
	 * be empty. Neither is checked. */
	void (*section)(void *arg, int line, struct str kind, struct str name);
	/* The key is LIMIT_CONFIG_KEY octets of visible ASCII at the most, with
	 * no
	 * "=" and ":"; the value is as it was written but for white space at
	 * its ends, and may be empty. */
	void (*entry)(void *arg, int line, struct str key, struct str value);
	/* What is wrong with a line; never its text, which may be a secret. */
	void (*mistake)(void *arg, int line, const char *what);
};

/* Reads all of text: a mistake ends nothing. */
void ini_read(struct str text, const struct ini_events *events, void *arg);
/* Appends the library and the version that was built with, for it does not say
 * which one runs: "inih/55". */
void ini_library(struct buf *out);
