/* SPDX-License-Identifier: MIT */
/* Log lines: put together on the caller's stack, written at once, so that
 * lines of several threads never mix. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* A line fits what a pipe takes whole (PIPE_BUF); fields that do not fit are
 * left out, and the last word says so. */
enum { LINE_MAX_OCTETS = 4096, VALUE_MAX = 512 };
#define CUT " truncated=true"

struct line {
	size_t n;
	bool full;
	char p[LINE_MAX_OCTETS];
};

static atomic_int log_level = LOG_LEVEL_INFO;
static atomic_int log_fd = STDERR_FILENO;

static const char *const level_words[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};
enum { LEVELS = sizeof(level_words) / sizeof(level_words[0]) };

struct log_field log_event(const char *word)
{
	return (struct log_field){ NULL, str_z(word), 0, false };
}

struct log_field log_kv_z(const char *key, const char *value)
{
	return log_kv_str(key, str_z(value));
}

struct log_field log_kv_str(const char *key, struct str value)
{
	return (struct log_field){ key, value, 0, false };
}

struct log_field log_kv_fault(const char *key, const struct fault *value)
{
	return log_kv_z(key, value ? value->text : NULL);
}

struct log_field log_kv_bool(const char *key, bool value)
{
	return log_kv_str(key, value ? STR("true") : STR("false"));
}

struct log_field log_kv_int(const char *key, int64_t value)
{
	return (struct log_field){ key, { NULL, 0 }, value, true };
}

struct log_field log_kv_uint(const char *key, uint64_t value)
{
	return log_kv_int(key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

bool log_level_parse(struct str word, enum log_level *out)
{
	for (int i = 0; i < LEVELS; i++) {
		if (str_eq_z(word, level_words[i])) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_set_fd(int fd)
{
	atomic_store_explicit(&log_fd, fd, memory_order_relaxed);
}

static void line_add(struct line *l, struct str s)
{
	/* what is kept back: the word of a cut line, and the newline */
	if (s.n > sizeof(l->p) - sizeof(CUT) - l->n) {
		l->full = true;
		return;
	}
	if (s.n)
		memcpy(l->p + l->n, s.p, s.n);
	l->n += s.n;
}

static void line_add_char(struct line *l, char c)
{
	line_add(l, (struct str){ &c, 1 });
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' ||
		    s.p[i] == '\\')
			return false;
	return s.n != 0;
}

static void line_add_escaped(struct line *l, char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[] = "\n\r\t\"\\", names[] = "nrt\"\\";
	const char *at = memchr(named, c, sizeof(named) - 1);
	unsigned char u = (unsigned char)c;
	char out[4] = { '\\', 'x', hex[u >> 4], hex[u & 15] };

	if (at) {
		out[1] = names[at - named];
		line_add(l, (struct str){ out, 2 });
	} else if (c < ' ' || c > '~') {
		line_add(l, (struct str){ out, 4 });
	} else {
		line_add_char(l, c);
	}
}

static void line_add_value(struct line *l, struct str s)
{
	s = str_sub(s, 0, VALUE_MAX);
	if (is_plain(s)) {
		line_add(l, s);
		return;
	}
	line_add_char(l, '"');
	for (size_t i = 0; i < s.n; i++)
		line_add_escaped(l, s.p[i]);
	line_add_char(l, '"');
}

static void line_add_number(struct line *l, int64_t number)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, number);
	line_add(l, str_z(digits));
}

/* All of a field or nothing: a line never ends within one. */
static void line_add_field(struct line *l, const struct log_field *f)
{
	size_t before = l->n;

	line_add_char(l, ' ');
	if (f->key) {
		line_add(l, str_z(f->key));
		line_add_char(l, '=');
	}
	if (f->is_number)
		line_add_number(l, f->number);
	else if (f->key)
		line_add_value(l, f->text);
	else
		line_add(l, f->text);
	if (l->full)
		l->n = before;
}

static void line_start(struct line *l, enum log_level level)
{
	int64_t ms = clock_wall_ms();
	time_t s = (time_t)(ms / 1000);
	struct tm t = { 0 };
	char stamp[32], milli[16];

	(void)gmtime_r(&s, &t);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &t);
	(void)snprintf(milli, sizeof(milli), ".%03dZ ", (int)(ms % 1000));
	l->n = 0;
	l->full = false;
	line_add(l, str_z(stamp));
	line_add(l, str_z(milli));
	line_add(l, str_z(level_words[level]));
}

void log_line(enum log_level level, const struct log_field *fields)
{
	int fd = atomic_load_explicit(&log_fd, memory_order_relaxed);
	int most = atomic_load_explicit(&log_level, memory_order_relaxed);
	struct line l;
	ssize_t r;

	if ((int)level > most)
		return;
	line_start(&l, level);
	for (; !l.full && (fields->key || !fields->is_number); fields++)
		line_add_field(&l, fields);
	if (l.full) {
		memcpy(l.p + l.n, CUT, sizeof(CUT) - 1);
		l.n += sizeof(CUT) - 1;
	}
	l.p[l.n++] = '\n';
	do {
		r = write(fd, l.p, l.n);
	} while (r < 0 && errno == EINTR);
}
