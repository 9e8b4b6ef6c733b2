/* SPDX-License-Identifier: MIT */
/* What the files of sqlite*.c share: an open store. */
#pragma once

#include <stdbool.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "base/fault.h"
#include "store/store.h"

enum sqlite_statement {
	STATEMENT_READ,
	STATEMENT_WRITE,
	STATEMENT_REMOVE,
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_COUNT
};

struct sqlite_store {
	sqlite3 *db;
	char *path; /* as it was given, for people */
	sqlite3_stmt *statements[STATEMENT_COUNT];
	bool busy;    /* another process was in the way */
	bool settled; /* a commit went through: the file is ours to change */
};

/* What SQLite's result means to who has to act on it; -1. */
int sqlite_fault(struct sqlite_store *s, int rc, struct fault *f);
/* Whether closing leaves the log beside the file, where it would write it back
 * into the file otherwise. */
void sqlite_leave_log(struct sqlite_store *s, bool leave);
/* Opens what is at the path, and looks through it. NULL with a fault; *busy
 * then says whether another process was in the way. */
ATTR_MUST_CHECK struct sqlite_store *sqlite_try(const char *path, bool *busy,
						struct fault *f);
/* Closes the database; the path is kept. */
void sqlite_disconnect(struct sqlite_store *s);

/* store_kind.check: makes files again that were deleted. */
ATTR_MUST_CHECK int sqlite_check(void *self, struct fault *f);
