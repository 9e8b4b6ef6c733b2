/* SPDX-License-Identifier: MIT */
/* The mechanism of key tables. Whoever needs keys declares a const table of
 * them beside its code; the service layer joins all tables. A row holds all
 * that is known of a key: how it is read, where its value goes, its default,
 * and its text in the manual. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"

struct config_command;
struct config_type;
struct secret;
struct config_section;
struct config_strict;
struct config_live_file;

enum {
	CONFIG_REPEAT = 1 << 0,   /* may stand more than once: a list type */
	CONFIG_SECRET = 1 << 1,   /* KEY_file and KEY_env are there too, and
				KEY_command where its type is live */
	CONFIG_RESTART = 1 << 2,  /* a change takes effect at the next start */
	CONFIG_INCLUDE = 1 << 3, /* names more files, which the reader reads
				too; its section stands once a file, and has
				no name */
	CONFIG_PROFILE = 1 << 4, /* config_text: names a profile, whose keys are
				the defaults of this section's. A profile is a
				section of the kind that this key is called,
				with the same keys, in any file or in
				NAME.ini of a directory of profiles */
	CONFIG_PROFILE_DIR = 1 << 5, /* config_paths: such directories */
	CONFIG_OWN = 1 << 6,     /* a section's own: not in a profile, where no
				secret can be either */
	CONFIG_GUARDED = 1 << 7, /* config_path: what is in the file decides
				what is done; strict_modes holds for it */
	CONFIG_PRIVATE = 1 << 8, /* config_path: the same, and where a private
				key is in it, it is a secret */
	CONFIG_ADDRESS = 1 << 9, /* a secret only where it holds a password,
				which stands in front of "@" */
	CONFIG_ROUTE = 1 << 10, /* of a section's own requests: may stand in one
				that shares what the other keys make */
	CONFIG_KEY_FILE = 1 << 11, /* config_paths: keys that nobody else may
				   read */
	CONFIG_TOKEN = 1 << 12, /* config_live_secret: KEY_command may print a
				JSON object with access_token and its life */
};

struct config_key {
	const char *name;     /* "scope"; "assertion.claim.*": any last part,
				 and what is read is then "LAST=VALUE" */
	const struct config_type *type;
	size_t offset;        /* of the value in the table's block */
	unsigned flags;
	const char *fallback; /* the default, as it would be written; NULL */
	const char *words;    /* of config_word: "replace keep reject" */
	const char *text;     /* the manual's sentence */
};

/* The keys of one owner. A section of that kind gets one block of size octets,
 * zeroed, then filled with defaults and values. */
struct config_table {
	const char *section;  /* "proxy", "service" */
	const char *title;    /* the manual's heading */
	const struct config_key *keys;
	size_t nkeys;
	size_t size;
	unsigned flags;       /* of every key, beside its own */
};

#define CONFIG_KEYS(array) (array), sizeof(array) / sizeof((array)[0])

/* A value's type: how it is read from text and what it is in the block. */
struct config_type {
	const char *name;     /* in the manual: "duration" */
	/* Writes *value; it was zeroed, or holds what an earlier repetition
	 * put there. The fault says what would be right. */
	int (*read)(const struct config_key *key, struct str text,
		    void *value, struct fault *f);
	void (*free)(void *value); /* NULL: nothing to free */
	bool live; /* struct config_live_secret */
};

extern const struct config_type
	config_text,     /* char *, never empty */
	config_secret,   /* struct secret *, never empty */
	config_token,    /* the same, in the form of a token */
	config_live_secret, /* struct config_live_secret */
	config_live_token, /* the same, in the form of a token */
	config_bool,     /* bool: yes no true false on off 1 0 */
	config_duration, /* int64_t, milliseconds; ms s m h d */
	config_interval, /* int64_t, the same; -1: no, or 0 */
	config_size,     /* uint64_t, octets; K M G */
	config_count,    /* uint64_t */
	config_word,     /* int, the index in key->words */
	config_url,      /* char *, http or https with a host, no fragment */
	config_path,     /* char *; relative to the file that names it: the
			    reader has made it absolute */
	config_list,     /* struct config_list, one element a repetition */
	config_paths,    /* struct config_list, each as config_path */
	config_program,  /* struct config_list: an absolute path and its words,
			    with a NULL behind the last; strict_modes holds
			    for the path */
	config_listen,   /* struct config_list; the PATH of unix:PATH as that
			    of config_path */
	config_words,    /* struct config_list, split at spaces and commas */
	config_statuses, /* struct config_numbers, 100 to 599 */
	config_cidrs;    /* struct config_cidrs, split at spaces and commas */

/* A secret whose file, where it comes from one, is read again for each use, or
 * that a program prints (config/live_secret.h). */
struct config_live_secret {
	struct secret *value; /* first; what it was when the configuration was
				 read; NULL: not given, or by a program */
	const struct config_key *key; /* whose it is */
	char *path;           /* the file; NULL: it has none */
	struct config_live_file *file; /* what was read of it last; beside
					  path */
	struct config_command *command; /* config/command.h; NULL: none */
	const struct config_strict *strict; /* what the file is held to */
};

struct config_list {
	char **v;
	size_t n;
};

struct config_numbers {
	int *v;
	size_t n;
};

struct config_cidr {
	int family;              /* AF_INET, AF_INET6 */
	unsigned char addr[16];
	unsigned bits;
};

struct config_cidrs {
	struct config_cidr *v;
	size_t n;
};

struct sockaddr;
/* IPv4-mapped IPv6 addresses count as IPv4. */
bool config_cidrs_match(const struct config_cidrs *c,
			const struct sockaddr *sa);

/* The section's block of that table; never NULL for a table that was joined
 * for its kind. */
const void *config_block(const struct config_section *s,
			 const struct config_table *t);
/* Its name ("" for [proxy]). */
const char *config_section_name(const struct config_section *s);
/* Whether it stands in the section, or in its profile; or in the section
 * itself. */
bool config_given(const struct config_section *s, const char *key);
bool config_own(const struct config_section *s, const char *key);
/* Key i of those that stand in the section's profile, in its order; NULL
 * beyond the last one. */
const char *config_inherited(const struct config_section *s, size_t i);
/* The keys that stand in the section itself and are this row's: one, or all
 * that a row whose name ends with ".*" has. *at is 0 at first; NULL after the
 * last. */
const char *config_own_next(const struct config_section *s,
			    const struct config_key *row, size_t *at);
