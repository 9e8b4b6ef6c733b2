/* SPDX-License-Identifier: MIT */
/* Log lines: an event and key=value fields, on standard error. A process that
 * serves has a queue for them (log_start): no caller waits for who reads the
 * log, and no client can fill it. A field takes text and numbers; there is
 * none that takes a struct secret, so that a secret in a log call does not
 * compile. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/str.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
		 LOG_LEVEL_DEBUG };

struct log_field {
	const char *key; /* NULL: the event, whose word is text */
	struct str text;
	int64_t number;
	bool is_number;
};

/* log_info(EV("listening"), KV("address", address)); prints
 * "2026-11-23T17:00:00.123Z info listening address=127.0.0.1:8119".
 * Values with anything but visible ASCII are quoted and escaped, and cut at
 * 512 octets. Safe on every thread. */
#define log_error(...) log_line(LOG_LEVEL_ERROR, LOG_FIELDS(__VA_ARGS__))
#define log_warning(...) log_line(LOG_LEVEL_WARNING, LOG_FIELDS(__VA_ARGS__))
#define log_info(...) log_line(LOG_LEVEL_INFO, LOG_FIELDS(__VA_ARGS__))
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, LOG_FIELDS(__VA_ARGS__))

#define EV(word) log_event(word)
#define KV(key, value)                                                   \
	_Generic((value),                                                \
		char *: log_kv_z, const char *: log_kv_z,                \
		struct str: log_kv_str, struct fault *: log_kv_fault,    \
		const struct fault *: log_kv_fault, bool: log_kv_bool,   \
		int: log_kv_int, long: log_kv_int, long long: log_kv_int, \
		unsigned: log_kv_uint, unsigned long: log_kv_uint,       \
		unsigned long long: log_kv_uint,                         \
		uint16_t: log_kv_uint)(key, value)

#define LOG_FIELDS(...)                                         \
	(const struct log_field[])                              \
	{                                                       \
		__VA_ARGS__, { NULL, { NULL, 0 }, 0, true }     \
	}

struct log_field log_event(const char *word);
struct log_field log_kv_z(const char *key, const char *value);
struct log_field log_kv_str(const char *key, struct str value);
struct log_field log_kv_fault(const char *key, const struct fault *value);
struct log_field log_kv_bool(const char *key, bool value);
struct log_field log_kv_int(const char *key, int64_t value);
struct log_field log_kv_uint(const char *key, uint64_t value);

/* Lines above this level are not written. The start value is info. */
void log_set_level(enum log_level level);
/* For what is costly to say. */
bool log_is_written(enum log_level level);
/* For tests: lines go to this descriptor. */
void log_set_fd(int fd);
void log_line(enum log_level level, const struct log_field *fields);

/* From here on lines go through a bounded queue and a thread; those that it
 * has no room for are dropped, counted, and told of (log_dropped lines=N).
 * Above debug one line a second is written of each event and of what tells
 * its kinds apart (the service, the error), and suppressed=N says how many
 * were not. -1 with a fault: there is no thread. */
ATTR_MUST_CHECK int log_start(struct fault *f);
/* Writes all that waits, while its reader takes it. No other thread may log
 * any more. Fine without log_start. */
void log_stop(void);
/* Lines that nobody will see, since the start. */
uint64_t log_dropped(void);
