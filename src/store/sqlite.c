/* SPDX-License-Identifier: MIT */
/* The store on disk: one SQLite file with one table. Its connection holds the
 * file for itself alone, and until the first commit has gone through it leaves
 * every octet as it found it. */
#include "store/sqlite_int.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "crypto/random.h"
#include "store/file.h"

/* The file's header says that it is ours ("brrd") and in which schema version.
 */
enum { SQLITE_OURS = 0x62727264, SQLITE_SCHEMA_VERSION = 1 };

/* SQLite's file header (sqlite.org/fileformat2.html §1.3). */
enum { HEAD_SIZE = 100, HEAD_USER_VERSION = 60, HEAD_APPLICATION_ID = 68 };
static const char head_magic[16] = "SQLite format 3";

static const char *const sqlite_statements[STATEMENT_COUNT] = {
	[STATEMENT_READ] = "SELECT value FROM sealed WHERE id = ?1",
	[STATEMENT_WRITE] = "REPLACE INTO sealed (id, value) VALUES (?1, ?2)",
	[STATEMENT_REMOVE] = "DELETE FROM sealed WHERE id = ?1",
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
};

/* Before the file is looked into for the first time. EXCLUSIVE, set before
 * the first access, keeps the lock until the end, and the index of the log in
 * our memory instead of a third file. */
static const char sqlite_setup[] =
	"PRAGMA locking_mode=EXCLUSIVE;"
	"PRAGMA temp_store=MEMORY;"
	"PRAGMA synchronous=FULL;"
	"PRAGMA secure_delete=ON;"
	"PRAGMA cell_size_check=ON;"
	"PRAGMA trusted_schema=OFF;";

/* A new file, which nobody else sees before it is whole. The numbers are
 * SQLITE_OURS and SQLITE_SCHEMA_VERSION. */
static const char sqlite_schema[] =
	"PRAGMA journal_mode=MEMORY;"
	"BEGIN;"
	"CREATE TABLE sealed (id BLOB PRIMARY KEY NOT NULL,"
	" value BLOB NOT NULL);"
	"PRAGMA application_id=0x62727264;"
	"PRAGMA user_version=1;"
	"COMMIT;"
	"PRAGMA journal_mode=WAL;";

#define TEXT_FULL "cannot be written: there is no room left for it"
#define TEXT_DAMAGED                                           \
	"is damaged and was left as it is; restore it from a " \
	"backup, or move it away to begin anew"

/* What SQLite's result means to who has to act on it; the first row that fits
 * exactly or by its low octet. */
static const struct {
	int rc;
	const char *text;
} sqlite_meanings[] = {
	{ SQLITE_BUSY, "is in use by another process" },
	{ SQLITE_LOCKED, "is in use by another process" },
	{ SQLITE_FULL, TEXT_FULL },
	{ SQLITE_READONLY_DIRECTORY, "cannot be written: the folder that it "
				     "is in is read-only" },
	{ SQLITE_READONLY, "cannot be written: it is read-only" },
	{ SQLITE_PERM, "cannot be written: it is read-only" },
	{ SQLITE_CANTOPEN, "cannot be opened; bearerd has to be able to "
			   "write it and the folder that it is in" },
	{ SQLITE_CORRUPT, TEXT_DAMAGED },
	{ SQLITE_NOTADB, TEXT_DAMAGED },
	{ SQLITE_IOERR, "cannot be read or written" },
};

/* errno of the last failed call on the file (or on its log), which SQLite
 * keeps with each. 0: none. */
static int sqlite_file_errno(struct sqlite_store *s, int which)
{
	sqlite3_file *file = NULL;
	int err = 0;

	if (sqlite3_file_control(s->db, "main", which, &file) != SQLITE_OK ||
	    !file || !file->pMethods || !file->pMethods->xFileControl)
		return 0;
	file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &err);
	return err;
}

static bool errno_is_full(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EFBIG;
}

static const char *sqlite_meaning(struct sqlite_store *s, int rc)
{
	if ((rc & 0xff) == SQLITE_IOERR &&
	    (errno_is_full(sqlite_file_errno(s, SQLITE_FCNTL_FILE_POINTER)) ||
	     errno_is_full(sqlite_file_errno(s,
					     SQLITE_FCNTL_JOURNAL_POINTER))))
		return TEXT_FULL;
	for (size_t i = 0;
	     i < sizeof(sqlite_meanings) / sizeof(*sqlite_meanings); i++)
		if (sqlite_meanings[i].rc == rc ||
		    sqlite_meanings[i].rc == (rc & 0xff))
			return sqlite_meanings[i].text;
	return sqlite3_errstr(rc);
}

int sqlite_fault(struct sqlite_store *s, int rc, struct fault *f)
{
	const char *text = sqlite_meaning(s, rc);
	int err = 0;

	if ((rc & 0xff) == SQLITE_BUSY)
		s->busy = true;
	/* The only ones for which it is the operating system's word. */
	if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_IOERR)
		err = sqlite3_system_errno(s->db);
	if (err != 0)
		return fault_errno(f, err, "%s %s", s->path, text);
	return fault_set(f, "%s %s", s->path, text);
}

static int sqlite_exec(struct sqlite_store *s, const char *sql,
		       struct fault *f)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sqlite_fault(s, rc, f);
}

/* The first column of the first row, as text. */
static int sqlite_ask(struct sqlite_store *s, const char *sql, struct buf *out,
		      struct fault *f)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			buf_add_z(out, (const char *)
				  sqlite3_column_text(stmt, 0));
		rc = sqlite3_finalize(stmt);
	}
	return rc == SQLITE_OK ? 0 : sqlite_fault(s, rc, f);
}

/* Closing writes the log back into the file, unless told not to. */
void sqlite_leave_log(struct sqlite_store *s, bool leave)
{
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, (int)leave,
			  NULL);
}

/* Opens file, which is there, and sets the connection up; nothing has been
 * read then but the header, and no lock taken. */
static int sqlite_connect(struct sqlite_store *s, const char *file,
			  struct fault *f)
{
	/* From its root on, no name means anything special to SQLite. */
	char *real = realpath(file, NULL);
	int rc;

	if (!real)
		return fault_errno(f, errno, "cannot open %s", s->path);
	rc = sqlite3_open_v2(real, &s->db, SQLITE_OPEN_READWRITE |
			     SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
			     NULL);
	free(real);
	if (rc != SQLITE_OK)
		return sqlite_fault(s, rc, f);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite_leave_log(s, true);
	if (sqlite3_db_readonly(s->db, "main") != 0)
		return sqlite_fault(s, SQLITE_READONLY, f);
	return 0;
}

void sqlite_disconnect(struct sqlite_store *s)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

static void sqlite_free(struct sqlite_store *s)
{
	sqlite_disconnect(s);
	mem_free(s->path);
	mem_free(s);
}

static struct sqlite_store *sqlite_new(const char *path)
{
	struct sqlite_store *s = mem_new(struct sqlite_store);

	s->path = mem_strdup(path);
	return s;
}

/* A log without its file is either the last word of a store that was taken
 * away, or would be read into the new one; unless the file has come since it
 * was missed, from another's first start. */
static int sqlite_no_leftover(const char *path, struct fault *f)
{
	static const char *const endings[] = { "-wal", "-journal" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(PATH_MAX);
		struct stat st;

		buf_addf(&b, "%s%s", path, endings[i]);
		if (buf_ok(&b) && lstat(buf_z(&b), &st) == 0 &&
		    stat(path, &st) < 0)
			return fault_set(f, "there is %s, but not the store "
					 "that it belongs to: put that back, "
					 "or remove it to begin anew",
					 buf_z(&b));
	}
	return 0;
}

static int sqlite_fill(const char *path, const char *beside, struct fault *f)
{
	struct sqlite_store *s = sqlite_new(path);
	int rc = sqlite_connect(s, beside, f);

	if (rc == 0)
		sqlite_leave_log(s, false);
	if (rc == 0)
		rc = sqlite_exec(s, sqlite_setup, f);
	if (rc == 0)
		rc = sqlite_exec(s, sqlite_schema, f);
	sqlite_free(s);
	return rc;
}

static int sqlite_make(const char *path, struct fault *f)
{
	char *beside;
	int fd, rc;

	if (sqlite_no_leftover(path, f) < 0 || file_make_folder(path, f) < 0)
		return -1;
	fd = file_beside(path, &beside, f);
	if (fd < 0)
		return -1;
	close(fd);
	rc = sqlite_fill(path, beside, f);
	if (rc == 0)
		rc = file_publish(beside, path, f);
	else
		unlink(beside);
	mem_free(beside);
	return rc;
}

/* Makes the file where there is none; refuses what is no plain file. */
static int sqlite_find(const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return fault_errno(f, errno, "cannot open %s", path);
		return sqlite_make(path, f);
	}
	if (!S_ISREG(st.st_mode))
		return fault_set(
			f, "%s is not a store: it is not a regular file", path);
	/* A store is whole from its first instant on. */
	if (st.st_size == 0)
		return fault_set(f, "%s is empty, which no store ever is; "
				 "restore it from a backup, or remove it to "
				 "begin anew", path);
	return 0;
}

static uint32_t head_number(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Read past SQLite, through its own descriptor: closing another one of the
 * same file would let go of the locks. */
static int sqlite_read_head(struct sqlite_store *s,
			    unsigned char head[HEAD_SIZE], struct fault *f)
{
	sqlite3_file *file = NULL;
	int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER,
				      &file);

	if (rc == SQLITE_OK && file && file->pMethods)
		rc = file->pMethods->xRead(file, head, HEAD_SIZE, 0);
	if (rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ)
		return 0;
	return sqlite_fault(s, rc, f);
}

/* Whether it is ours, before SQLite makes anything of it. */
static int sqlite_check_head(struct sqlite_store *s, struct fault *f)
{
	unsigned char head[HEAD_SIZE] = { 0 };
	uint32_t schema;

	if (sqlite_read_head(s, head, f) < 0)
		return -1;
	if (memcmp(head, head_magic, sizeof(head_magic)) != 0)
		return fault_set(f,
				 "%s is not a store: it is another kind of "
				 "file, and was left as it is",
				 s->path);
	if (head_number(head + HEAD_APPLICATION_ID) != SQLITE_OURS)
		return fault_set(f,
				 "%s is not a store: it is a database of "
				 "another program, and was left as it is",
				 s->path);
	schema = head_number(head + HEAD_USER_VERSION);
	if (schema > SQLITE_SCHEMA_VERSION)
		return fault_set(f,
				 "%s was written by a newer bearerd (schema "
				 "%u; this one knows %d), and was left as it "
				 "is",
				 s->path, schema, SQLITE_SCHEMA_VERSION);
	if (schema < SQLITE_SCHEMA_VERSION)
		return sqlite_fault(s, SQLITE_CORRUPT, f);
	return 0;
}

/* The first access: takes the lock, reads the log, looks at every page. */
static int sqlite_check_pages(struct sqlite_store *s, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf word = BUF_INIT(4096);

	if (sqlite_ask(s, "PRAGMA quick_check(1)", &word, f) < 0)
		return -1;
	if (!str_eq(buf_str(&word), STR("ok")))
		return sqlite_fault(s, SQLITE_CORRUPT, f);
	return 0;
}

static int sqlite_prepare(struct sqlite_store *s, struct fault *f)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		int rc = sqlite3_prepare_v3(s->db, sqlite_statements[i], -1,
					    SQLITE_PREPARE_PERSISTENT,
					    &s->statements[i], NULL);

		/* SQLITE_ERROR: the table is not there, or is another. */
		if (rc != SQLITE_OK)
			return sqlite_fault(s, rc == SQLITE_ERROR ?
					    SQLITE_CORRUPT : rc, f);
	}
	return 0;
}

struct sqlite_store *sqlite_try(const char *path, bool *busy, struct fault *f)
{
	struct sqlite_store *s = sqlite_new(path);

	if (sqlite_connect(s, path, f) == 0 && sqlite_check_head(s, f) == 0 &&
	    sqlite_exec(s, sqlite_setup, f) == 0 &&
	    sqlite_check_pages(s, f) == 0 && sqlite_prepare(s, f) == 0)
		return s;
	*busy = s->busy;
	sqlite_free(s);
	return NULL;
}

/* 10 ms at most. */
static void sqlite_pause(void)
{
	struct timespec pause = { 0, 0 };
	unsigned char uneven;

	random_fill(&uneven, sizeof(uneven));
	pause.tv_nsec = uneven * 10000000L / UINT8_MAX;
	(void)nanosleep(&pause, NULL);
}

/* Who has the file will keep it, so there is little to wait for. But of
 * several that start at the same instant each may stand in the others' way to
 * the lock (and SQLite, in this mode, lets go of its part of it only by
 * closing): a few tries at uneven distances, so that one gets it. */
static int sqlite_open(struct str where, void **self, struct fault *f)
{
	char *path = str_dup(where);
	bool busy = sqlite_find(path, f) == 0;
	struct sqlite_store *s = NULL;

	for (int tries = 0; !s && busy && tries < 8; tries++) {
		if (tries > 0)
			sqlite_pause();
		busy = false;
		s = sqlite_try(path, &busy, f);
	}
	mem_free(path);
	*self = s;
	return s ? 0 : -1;
}

static void sqlite_close(void *self)
{
	struct sqlite_store *s = self;
	struct fault f;

	if (s->settled && sqlite3_get_autocommit(s->db) &&
	    sqlite_check(s, &f) < 0)
		log_error(EV("store_lost"), KV("reason", &f));
	sqlite_free(s);
}

/* An empty blob is not NULL. */
static void sqlite_bind(sqlite3_stmt *stmt, int at, struct str s)
{
	sqlite3_bind_blob64(stmt, at, s.p ? s.p : "", s.n, SQLITE_STATIC);
}

/* Runs what returns no row. */
static int sqlite_run(struct sqlite_store *s, enum sqlite_statement which,
		      struct fault *f)
{
	sqlite3_stmt *stmt = s->statements[which];
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_DONE)
		sqlite_fault(s, rc, f);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int sqlite_read(void *self, struct str id, struct buf *out,
		       struct fault *f)
{
	struct sqlite_store *s = self;
	sqlite3_stmt *stmt = s->statements[STATEMENT_READ];
	int rc;

	sqlite_bind(stmt, 1, id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		buf_add(out, sqlite3_column_blob(stmt, 0),
			(size_t)sqlite3_column_bytes(stmt, 0));
	else if (rc != SQLITE_DONE)
		sqlite_fault(s, rc, f);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : -1;
}

/* A file that came back from a backup may have lost its log's mode. */
static int sqlite_use_log(struct sqlite_store *s, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf mode = BUF_INIT(64);

	if (sqlite_ask(s, "PRAGMA journal_mode=WAL", &mode, f) < 0)
		return -1;
	if (!str_eq(buf_str(&mode), STR("wal")))
		return fault_set(f, "%s cannot be written: its file system "
				 "allows no log beside it", s->path);
	return 0;
}

static int sqlite_begin(void *self, struct fault *f)
{
	struct sqlite_store *s = self;

	if (!s->settled && sqlite_use_log(s, f) < 0)
		return -1;
	return sqlite_run(s, STATEMENT_BEGIN, f);
}

static int sqlite_write(void *self, struct str id, struct str sealed,
			struct fault *f)
{
	struct sqlite_store *s = self;

	sqlite_bind(s->statements[STATEMENT_WRITE], 1, id);
	sqlite_bind(s->statements[STATEMENT_WRITE], 2, sealed);
	return sqlite_run(s, STATEMENT_WRITE, f);
}

static int sqlite_remove(void *self, struct str id, struct fault *f)
{
	struct sqlite_store *s = self;

	sqlite_bind(s->statements[STATEMENT_REMOVE], 1, id);
	return sqlite_run(s, STATEMENT_REMOVE, f);
}

static int sqlite_commit(void *self, struct fault *f)
{
	struct sqlite_store *s = self;

	if (sqlite_run(s, STATEMENT_COMMIT, f) < 0)
		return -1;
	if (!s->settled)
		sqlite_leave_log(s, false);
	s->settled = true;
	return 0;
}

static void sqlite_rollback(void *self)
{
	struct sqlite_store *s = self;

	/* After some errors SQLite has done it itself. */
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite_run(s, STATEMENT_ROLLBACK, NULL);
}

const struct store_kind store_sqlite = {
	.name = "sqlite",
	.has_place = true,
	.open = sqlite_open,
	.close = sqlite_close,
	.read = sqlite_read,
	.check = sqlite_check,
	.begin = sqlite_begin,
	.write = sqlite_write,
	.remove = sqlite_remove,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
};

void store_library(struct buf *out)
{
	buf_addf(out, "SQLite/%s", sqlite3_libversion());
}
