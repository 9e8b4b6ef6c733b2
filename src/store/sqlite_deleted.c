/* SPDX-License-Identifier: MIT */
/* Writes the store anew where its files were deleted while they are open. What
 * SQLite writes then goes to files without a name: all of it is still there to
 * be read, and is written to new files. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/file.h"
#include "store/sqlite_int.h"

/* Connects anew to what is at the path. Where that fails it is tried again
 * before the next transaction. */
static int sqlite_reconnect(struct sqlite_store *s, struct fault *f)
{
	struct sqlite_store *again;
	bool busy;

	/* The log at the path may be that of the new file by now. */
	if (s->db)
		sqlite_leave_log(s, true);
	sqlite_disconnect(s);
	s->settled = false;
	again = sqlite_try(s->path, &busy, f);
	if (!again)
		return -1;
	s->db = again->db;
	memcpy(s->statements, again->statements, sizeof(s->statements));
	mem_free(again->path);
	mem_free(again);
	return 0;
}

/* Writes all that is in the open file to another one, which is empty. */
static int sqlite_copy(struct sqlite_store *s, const char *to, struct fault *f)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(s->db, "VACUUM INTO ?1", -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, to, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
		sqlite3_finalize(stmt);
	}
	return rc == SQLITE_DONE ? 0 : sqlite_fault(s, rc, f);
}

/* The open file, by its path without links. */
static const char *sqlite_real_path(const struct sqlite_store *s)
{
	return sqlite3_db_filename(s->db, "main");
}

static void sqlite_log_path(const struct sqlite_store *s, struct buf *out)
{
	buf_addf(out, "%s-wal", sqlite_real_path(s));
}

/* The old log would be read into the new file. */
static void sqlite_remove_log(const struct sqlite_store *s)
{
	ATTR_CLEANUP(buf_fini) struct buf log = BUF_INIT(PATH_MAX);

	sqlite_log_path(s, &log);
	if (buf_ok(&log))
		unlink(buf_z(&log));
}

static int sqlite_publish_copy(struct sqlite_store *s, struct fault *f)
{
	const char *path = sqlite_real_path(s);
	char *beside;
	int fd, rc;

	if (file_make_folder(path, f) < 0)
		return -1;
	fd = file_beside(path, &beside, f);
	if (fd < 0)
		return -1;
	close(fd);
	rc = sqlite_copy(s, beside, f);
	if (rc == 0) {
		sqlite_remove_log(s);
		rc = file_publish(beside, path, f);
	} else {
		unlink(beside);
	}
	mem_free(beside);
	return rc;
}

static int sqlite_make_again(struct sqlite_store *s, struct fault *f)
{
	struct stat st;

	if (lstat(sqlite_real_path(s), &st) == 0)
		return fault_set(f, "%s was replaced while it was in use, and "
				 "nothing is written to another file: put the "
				 "old one back, or restart to take the new "
				 "one", s->path);
	if (sqlite_publish_copy(s, f) < 0 || sqlite_reconnect(s, f) < 0)
		return fault_prefix(f, "the store was deleted while it was in "
				       "use");
	log_warning(EV("store_made_again"), KV("store", s->path),
		    KV("reason", "it was deleted while it was in use"));
	return 0;
}

static bool sqlite_has_moved(struct sqlite_store *s)
{
	int moved = 0;

	return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED,
				    &moved) == SQLITE_OK && moved;
}

/* Once it was written to, there is always a log. */
static bool sqlite_log_is_gone(const struct sqlite_store *s)
{
	ATTR_CLEANUP(buf_fini) struct buf log = BUF_INIT(PATH_MAX);
	struct stat st;

	sqlite_log_path(s, &log);
	return s->settled && buf_ok(&log) && stat(buf_z(&log), &st) < 0 &&
	       errno == ENOENT;
}

/* What is in a log that was deleted goes to the file while it is open. */
static int sqlite_save_log(struct sqlite_store *s, struct fault *f)
{
	int rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
					   SQLITE_CHECKPOINT_TRUNCATE, NULL,
					   NULL);

	if (rc != SQLITE_OK)
		return sqlite_fault(s, rc, f);
	if (sqlite_reconnect(s, f) < 0)
		return -1;
	log_warning(EV("store_made_again"), KV("store", s->path),
		    KV("reason", "its log was deleted while it was in use"));
	return 0;
}

int sqlite_check(void *self, struct fault *f)
{
	struct sqlite_store *s = self;

	if (!s->db)
		return sqlite_reconnect(s, f);
	if (sqlite_has_moved(s))
		return sqlite_make_again(s, f);
	return sqlite_log_is_gone(s) ? sqlite_save_log(s, f) : 0;
}
