/* SPDX-License-Identifier: MIT */
/* Log lines: put together on the caller's stack, handed whole to the queue
 * (log_queue.c) of a process that serves, so that lines of several threads
 * never mix and no thread waits for the log's reader. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/last_words.h"
#include "base/limits.h"
#include "base/log_limit.h"
#include "base/log_queue.h"

/* A line fits what a pipe takes whole (PIPE_BUF); fields that do not fit are
 * left out, and the last word says so. */
#define CUT " truncated=true"

/* The fields that tell lines of an event apart: the configuration or a
 * standard bounds their values. */
static const char *const kind_keys[] = {
	"service", "client",  "error",	"issuer",
	"jwks_uri", "address", "worker", "fault",
};
enum { KIND_KEYS = sizeof(kind_keys) / sizeof(kind_keys[0]) };

struct line {
	size_t n;
	bool full;
	char p[LIMIT_LOG_LINE];
};

static atomic_int log_level = LOG_LEVEL_INFO;
static atomic_int log_fd = STDERR_FILENO;
static _Atomic(struct log_queue *) log_queue;
static struct log_limit *log_limit; /* as long as there is the queue */
static _Atomic uint64_t log_lost;   /* by queues that are gone */

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

bool log_is_written(enum log_level level)
{
	return (int)level <=
	       atomic_load_explicit(&log_level, memory_order_relaxed);
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
		if (!char_is_visible(s.p[i]) || s.p[i] == '"' || s.p[i] == '\\')
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
	} else if (!char_is_printable(c)) {
		line_add(l, (struct str){ out, 4 });
	} else {
		line_add_char(l, c);
	}
}

static void line_add_value(struct line *l, struct str s)
{
	s = str_sub(s, 0, LIMIT_LOG_VALUE);
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
static void line_add_field(struct line *l, struct log_field f)
{
	size_t before = l->n;

	line_add_char(l, ' ');
	if (f.key) {
		line_add(l, str_z(f.key));
		line_add_char(l, '=');
	}
	if (f.is_number)
		line_add_number(l, f.number);
	else if (f.key)
		line_add_value(l, f.text);
	else
		line_add(l, f.text);
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

/* Ends a line; returns its octets. */
static size_t line_end(struct line *l)
{
	if (l->full) {
		memcpy(l->p + l->n, CUT, sizeof(CUT) - 1);
		l->n += sizeof(CUT) - 1;
	}
	l->p[l->n++] = '\n';
	return l->n;
}

/* Without a queue. No more than a pipe takes whole, and only where there is
 * room for it: a process that starts, ends or aborts does not hang either. */
static void write_now(const char *p, size_t n)
{
	int fd = atomic_load_explicit(&log_fd, memory_order_relaxed);
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	ssize_t r;

	do {
		r = poll(&out, 1, LIMIT_LOG_END);
		if (r > 0)
			r = write(fd, p, n);
	} while (r < 0 && errno == EINTR);
}

/* Behind all that waits. */
static void write_last_words(const char *p, size_t n)
{
	struct log_queue *q = atomic_load(&log_queue);

	if (q)
		log_queue_flush(q, LIMIT_LOG_END);
	write_now(p, n);
}

void log_set_fd(int fd)
{
	atomic_store_explicit(&log_fd, fd, memory_order_relaxed);
	last_words_by(write_last_words);
}

static void line_write(struct line *l)
{
	struct log_queue *q = atomic_load(&log_queue);
	size_t n = line_end(l);

	if (q)
		(void)log_queue_put(q, l->p, n);
	else
		write_now(l->p, n);
}

static bool is_last(const struct log_field *f)
{
	return !f->key && f->is_number;
}

static bool is_of_group(const struct log_field *f)
{
	if (!f->key)
		return true;
	for (size_t i = 0; i < KIND_KEYS; i++)
		if (strcmp(f->key, kind_keys[i]) == 0)
			return true;
	return false;
}

/* Whether the line's kind has had its line already. No request makes an info
 * line, each of which tells of something that happened once; debug lines are
 * asked for one by one. Nothing but the queue bounds these. */
static bool is_left_out(struct log_queue *q, enum log_level level,
			const struct log_field *fields, uint64_t *left_out)
{
	struct line kind = { .n = 0 };
	size_t group = 0;

	if (!q || level >= LOG_LEVEL_INFO)
		return false;
	for (const struct log_field *f = fields; !is_last(f); f++)
		if (is_of_group(f))
			line_add_field(&kind, *f);
	group = kind.n;
	for (const struct log_field *f = fields; !is_last(f); f++)
		if (f->key && strcmp(f->key, "reason") == 0)
			line_add_field(&kind, *f);
	if (log_limit_admits(log_limit, (int)level,
			     (struct str){ kind.p, kind.n },
			     (struct str){ kind.p, group }, clock_ms(),
			     left_out))
		return false;
	log_queue_tick(q);
	return true;
}

void log_line(enum log_level level, const struct log_field *fields)
{
	int most = atomic_load_explicit(&log_level, memory_order_relaxed);
	uint64_t left_out = 0;
	struct line l;

	if ((int)level > most ||
	    is_left_out(atomic_load(&log_queue), level, fields, &left_out))
		return;
	line_start(&l, level);
	for (; !l.full && !is_last(fields); fields++)
		line_add_field(&l, *fields);
	if (left_out)
		line_add_field(&l, KV("suppressed", left_out));
	line_write(&l);
}

/* A count whose kind has not come again. */
static void tell_left_out(int level, struct str kind, uint64_t n)
{
	struct line l;

	line_start(&l, (enum log_level)level);
	line_add_field(&l, EV("log_suppressed"));
	line_add_field(&l, KV("lines", n));
	line_add(&l, STR(" event="));
	line_add(&l, str_from(kind, 1)); /* behind its space */
	line_write(&l);
}

static size_t tell_dropped(char *out, size_t max, uint64_t n)
{
	struct line l;

	line_start(&l, LOG_LEVEL_WARNING);
	line_add_field(&l, EV("log_dropped"));
	line_add_field(&l, KV("lines", n));
	(void)line_end(&l);
	if (l.n > max)
		return 0;
	memcpy(out, l.p, l.n);
	return l.n;
}

static bool tell_each_second(void)
{
	return log_limit_tell(log_limit, clock_ms());
}

int log_start(struct fault *f)
{
	static const struct log_queue_calls calls = { tell_dropped,
						      tell_each_second };
	struct log_queue *q;

	last_words_by(write_last_words);
	log_limit = log_limit_new(tell_left_out);
	q = log_queue_new(atomic_load(&log_fd), LIMIT_LOG_QUEUE, &calls, f);
	if (q) {
		atomic_store(&log_queue, q);
		return 0;
	}
	log_limit_free(&log_limit);
	return -1;
}

void log_stop(void)
{
	struct log_queue *q = atomic_load(&log_queue);

	if (!q)
		return;
	(void)log_limit_tell(log_limit, INT64_MAX);
	atomic_store(&log_queue, NULL);
	atomic_fetch_add(&log_lost, log_queue_free(&q, LIMIT_LOG_END));
	log_limit_free(&log_limit);
}

uint64_t log_dropped(void)
{
	struct log_queue *q = atomic_load(&log_queue);

	return atomic_load(&log_lost) + (q ? log_queue_dropped(q) : 0);
}
