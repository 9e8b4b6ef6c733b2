/* SPDX-License-Identifier: MIT */
/* Whether a kind of log line has had its line in this period already: asked
 * before the line is put together. A fixed table, a few slots for each hash. */
#include "base/log_limit.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

enum { WAYS = 8, SETS = LIMIT_LOG_KINDS / WAYS };

struct log_slot {
	int64_t begin; /* of the period, ms */
	unsigned lines; /* in it */
	uint64_t left_out;
	int level;
	size_t n; /* octets of kind; 0: free */
	char kind[LIMIT_LOG_KIND];
};

struct log_limit {
	pthread_mutex_t lock;
	log_limit_tell_fn *tell;
	struct log_slot slots[SETS][WAYS];
};

struct log_limit *log_limit_new(log_limit_tell_fn *tell)
{
	struct log_limit *l = mem_new(struct log_limit);

	pthread_mutex_init(&l->lock, NULL);
	l->tell = tell;
	return l;
}

void log_limit_free(struct log_limit **limit)
{
	if (!*limit)
		return;
	pthread_mutex_destroy(&(*limit)->lock);
	mem_free(*limit);
	*limit = NULL;
}

static size_t set_of(struct str kind)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < kind.n; i++)
		h = (h ^ (unsigned char)kind.p[i]) * 16777619u;
	return h % SETS;
}

static void tell(struct log_limit *l, struct log_slot *s)
{
	if (s->n && s->left_out)
		l->tell(s->level, (struct str){ s->kind, s->n }, s->left_out);
	s->left_out = 0;
}

/* The kind's slot, else the one of its set that has been quiet for longest,
 * emptied. */
static struct log_slot *find(struct log_limit *l, struct str kind)
{
	struct log_slot *set = l->slots[set_of(kind)], *oldest = set;

	for (struct log_slot *s = set; s < set + WAYS; s++) {
		if (str_eq((struct str){ s->kind, s->n }, kind))
			return s;
		if (!s->n || (oldest->n && s->begin < oldest->begin))
			oldest = s;
	}
	tell(l, oldest);
	oldest->n = 0;
	return oldest;
}

/* A new period, where the last one is over. */
static void begin(struct log_slot *s, int level, struct str kind, int64_t now)
{
	if (s->n && now - s->begin < LIMIT_LOG_PERIOD)
		return;
	s->begin = now;
	s->lines = 0;
	s->level = level;
	s->n = kind.n;
	memcpy(s->kind, kind.p, kind.n);
}

/* One more of a slot; false, counted, where there were as many. */
static bool admits(struct log_limit *l, int level, struct str kind,
		   unsigned most, int64_t now, uint64_t *left_out)
{
	struct log_slot *s;

	kind = str_sub(kind, 0, LIMIT_LOG_KIND);
	s = find(l, kind);
	begin(s, level, kind, now);
	if (s->lines == most) {
		s->left_out += *left_out + 1;
		return false;
	}
	s->lines++;
	*left_out += s->left_out;
	s->left_out = 0;
	return true;
}

bool log_limit_admits(struct log_limit *l, int level, struct str kind,
		      struct str group, int64_t now, uint64_t *left_out)
{
	bool admitted;

	*left_out = 0;
	pthread_mutex_lock(&l->lock);
	admitted = admits(l, level, kind, 1, now, left_out) &&
		   (str_eq(kind, group) || admits(l, level, group,
						  LIMIT_LOG_REASONS, now,
						  left_out));
	pthread_mutex_unlock(&l->lock);
	return admitted;
}

/* A kind that goes on has its count in its next line: it gets a second
 * period for that. */
bool log_limit_tell(struct log_limit *l, int64_t now)
{
	bool more = false;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < SETS * (size_t)WAYS; i++) {
		struct log_slot *s = &l->slots[i / WAYS][i % WAYS];

		if (now - 2 * LIMIT_LOG_PERIOD >= s->begin)
			tell(l, s);
		more |= s->left_out > 0;
	}
	pthread_mutex_unlock(&l->lock);
	return more;
}
