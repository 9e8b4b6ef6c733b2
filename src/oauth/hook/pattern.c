/* SPDX-License-Identifier: MIT */
/* Matches Lua's patterns (its manual, §6.4.1) in a bounded number of steps: a
 * pattern is compiled into items, and each step of the search is counted, so
 * that one that would look for hours ends as an error. The depth of recursion
 * is bounded by the number of items. */
#include "base/limits.h"
#include "oauth/hook/int.h"

#include <string.h>

enum item_kind {
	ITEM_SET,      /* one of a set, as often as `often` says */
	ITEM_OPEN,     /* a capture begins */
	ITEM_POSITION, /* a capture of the place */
	ITEM_CLOSE,    /* the innermost open one ends */
	ITEM_AGAIN,    /* what a capture held */
	ITEM_BALANCED, /* %bxy */
	ITEM_FRONTIER, /* %f[set] */
	ITEM_END,      /* the subject's end */
};

struct item {
	enum item_kind kind;
	char often;          /* 0, '*', '+', '-', '?' */
	unsigned char x, y;  /* of %b; of %1: x is the capture */
	uint32_t set[8];     /* a bit for each octet */
};

enum { OPEN = -2 }; /* the length of a capture that has not ended */

struct matcher {
	lua_State *L;
	struct str subject;
	struct item items[LIMIT_HOOK_ITEMS];
	size_t n;
	struct hook_match *out;
};

/* --- compiling --- */

static void set_add(uint32_t *set, unsigned char c)
{
	set[c >> 5] |= 1u << (c & 31);
}

static void set_range(uint32_t *set, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to; c++)
		set_add(set, (unsigned char)c);
}

static bool set_has(const uint32_t *set, unsigned char c)
{
	return set[c >> 5] >> (c & 31) & 1;
}

static void set_ranges(uint32_t *set, const char *ranges)
{
	for (; *ranges; ranges += 2)
		set_range(set, (unsigned char)ranges[0],
			  (unsigned char)ranges[1]);
}

/* The classes, as ASCII has them, each a list of ranges. */
static const struct {
	char letter;
	const char *ranges;
} classes[] = {
	{ 'a', "AZaz" },
	{ 'c', "\x01\x1f\x7f\x7f" }, /* and NUL */
	{ 'd', "09" },
	{ 'g', "!~" },
	{ 'l', "az" },
	{ 'p', "!/:@[`{~" },
	{ 's', "\t\r  " },
	{ 'u', "AZ" },
	{ 'w', "09AZaz" },
	{ 'x', "09AFaf" },
};

/* Adds %letter; any other letter stands for itself. */
static void set_class(uint32_t *set, char letter)
{
	uint32_t of[8] = { 0 };
	char lower = char_lower(letter);
	bool known = false;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (classes[i].letter != lower)
			continue;
		known = true;
		set_ranges(of, classes[i].ranges);
		if (lower == 'c')
			set_add(of, 0);
	}
	if (!known)
		set_add(of, (unsigned char)letter);
	for (size_t i = 0; i < 8; i++)
		set[i] |= known && letter != lower ? ~of[i] : of[i];
}

static int bad(struct matcher *m, const char *why)
{
	return hook_error(m->L, "not a valid pattern: %s", why);
}

static char next_octet(struct matcher *m, struct cursor *c, const char *why)
{
	int octet = cursor_peek(c);

	if (octet < 0)
		bad(m, why);
	c->p++;
	return (char)octet;
}

/* Behind "[": up to and with its "]", which first is one of the set. */
static void compile_set(struct matcher *m, struct cursor *c, uint32_t *set)
{
	static const char open[] = "a \"[\" has no \"]\"";
	bool no = cursor_skip(c, '^'), first = true;

	for (;; first = false) {
		char octet = next_octet(m, c, open);

		if (octet == ']' && !first)
			break;
		if (octet == '%') {
			set_class(set, next_octet(m, c, open));
		} else if (cursor_peek(c) == '-' && c->end - c->p >= 2 &&
			   c->p[1] != ']') {
			set_range(set, (unsigned char)octet,
				  (unsigned char)c->p[1]);
			c->p += 2;
		} else {
			set_add(set, (unsigned char)octet);
		}
	}
	for (size_t i = 0; no && i < 8; i++)
		set[i] = ~set[i];
}

static void compile_often(struct item *it, struct cursor *c)
{
	int octet = cursor_peek(c);

	if (octet == '*' || octet == '+' || octet == '-' || octet == '?') {
		it->often = (char)octet;
		c->p++;
	}
}

static void compile_percent(struct matcher *m, struct cursor *c,
			    struct item *it)
{
	char octet = next_octet(m, c, "it ends with \"%\"");

	if (octet == 'b') {
		it->kind = ITEM_BALANCED;
		it->x = (unsigned char)next_octet(m, c, "%b lacks two octets");
		it->y = (unsigned char)next_octet(m, c, "%b lacks an octet");
	} else if (octet == 'f') {
		it->kind = ITEM_FRONTIER;
		if (!cursor_skip(c, '['))
			bad(m, "%f needs a set");
		compile_set(m, c, it->set);
	} else if (char_is_digit(octet)) {
		it->kind = ITEM_AGAIN;
		it->x = (unsigned char)(octet - '0');
	} else {
		set_class(it->set, octet);
		compile_often(it, c);
	}
}

static void compile_item(struct matcher *m, struct cursor *c, struct item *it)
{
	char octet = *c->p++;

	if (octet == '(') {
		it->kind = cursor_skip(c, ')') ? ITEM_POSITION : ITEM_OPEN;
	} else if (octet == ')') {
		it->kind = ITEM_CLOSE;
	} else if (octet == '$' && cursor_done(c)) {
		it->kind = ITEM_END;
	} else if (octet == '%') {
		compile_percent(m, c, it);
	} else {
		if (octet == '[')
			compile_set(m, c, it->set);
		else if (octet == '.')
			memset(it->set, 0xff, sizeof(it->set));
		else
			set_add(it->set, (unsigned char)octet);
		compile_often(it, c);
	}
}

static void compile(struct matcher *m, struct str pattern)
{
	struct cursor c = cursor_of(pattern);

	while (!cursor_done(&c)) {
		if (m->n == LIMIT_HOOK_ITEMS)
			bad(m, "it is too long");
		memset(&m->items[m->n], 0, sizeof(m->items[0]));
		compile_item(m, &c, &m->items[m->n++]);
	}
	hook_charge(m->L, m->n);
}

/* --- matching --- */

static bool match(struct matcher *m, size_t i, size_t at, size_t *end);

static bool fits(const struct matcher *m, const struct item *it, size_t at)
{
	return at < m->subject.n &&
	       set_has(it->set, (unsigned char)m->subject.p[at]);
}

/* As many as there are, then fewer, at least `least`. */
static bool match_most(struct matcher *m, size_t i, size_t at, size_t least,
		       size_t most, size_t *end)
{
	size_t n = 0;

	while (n < most && fits(m, &m->items[i], at + n))
		n++;
	hook_charge(m->L, n + 1);
	for (;; n--) {
		if (n < least)
			return false;
		if (match(m, i + 1, at + n, end))
			return true;
		if (n == 0)
			return false;
	}
}

/* As few as will do. */
static bool match_least(struct matcher *m, size_t i, size_t at, size_t *end)
{
	for (;; at++) {
		if (match(m, i + 1, at, end))
			return true;
		if (!fits(m, &m->items[i], at))
			return false;
	}
}

static bool match_open(struct matcher *m, size_t i, size_t at, ptrdiff_t n,
		       size_t *end)
{
	struct hook_match *o = m->out;

	if (o->ncaptures == LIMIT_HOOK_CAPTURES)
		bad(m, "it has too many captures");
	o->ncaptures++;
	o->capture[o->ncaptures].at = at;
	o->capture[o->ncaptures].n = n;
	if (match(m, i + 1, at, end))
		return true;
	o->ncaptures--;
	return false;
}

static bool match_close(struct matcher *m, size_t i, size_t at, size_t *end)
{
	struct hook_match *o = m->out;
	size_t c = o->ncaptures;

	while (c > 0 && o->capture[c].n != OPEN)
		c--;
	if (c == 0)
		bad(m, "a \")\" closes nothing");
	o->capture[c].n = (ptrdiff_t)(at - o->capture[c].at);
	if (match(m, i + 1, at, end))
		return true;
	o->capture[c].n = OPEN;
	return false;
}

/* What the capture held; its octets. */
static bool skip_again(struct matcher *m, const struct item *it, size_t *at)
{
	const struct hook_match *o = m->out;
	struct str held;

	if (it->x == 0 || it->x > o->ncaptures || o->capture[it->x].n < 0)
		bad(m, "%1 to %9 stand for captures that have ended");
	held = str_sub(m->subject, o->capture[it->x].at,
		       (size_t)o->capture[it->x].n);
	hook_charge(m->L, held.n);
	if (!str_starts(str_from(m->subject, *at), held))
		return false;
	*at += held.n;
	return true;
}

static bool skip_balanced(struct matcher *m, const struct item *it, size_t *at)
{
	size_t deep = 1, i = *at;

	if (i >= m->subject.n || (unsigned char)m->subject.p[i] != it->x)
		return false;
	for (i++; i < m->subject.n; i++) {
		unsigned char c = (unsigned char)m->subject.p[i];

		if (c == it->y && --deep == 0)
			break;
		if (c == it->x && it->x != it->y)
			deep++;
	}
	hook_charge(m->L, i - *at);
	if (i >= m->subject.n)
		return false;
	*at = i + 1;
	return true;
}

static bool at_frontier(const struct matcher *m, const struct item *it,
			size_t at)
{
	unsigned char before = 0, here = 0;

	if (at > 0)
		before = (unsigned char)m->subject.p[at - 1];
	if (at < m->subject.n)
		here = (unsigned char)m->subject.p[at];
	return !set_has(it->set, before) && set_has(it->set, here);
}

/* Those that need no way back; they move at. */
static bool skip(struct matcher *m, const struct item *it, size_t *at)
{
	switch (it->kind) {
	case ITEM_AGAIN:
		return skip_again(m, it, at);
	case ITEM_BALANCED:
		return skip_balanced(m, it, at);
	case ITEM_FRONTIER:
		return at_frontier(m, it, *at);
	case ITEM_END:
		return *at == m->subject.n;
	case ITEM_SET:
		return fits(m, it, (*at)++);
	case ITEM_OPEN:
	case ITEM_POSITION:
	case ITEM_CLOSE:
		break;
	}
	return false;
}

static bool match_often(struct matcher *m, size_t i, size_t at, size_t *end)
{
	switch (m->items[i].often) {
	case '*':
		return match_most(m, i, at, 0, SIZE_MAX, end);
	case '+':
		return match_most(m, i, at, 1, SIZE_MAX, end);
	case '?':
		return match_most(m, i, at, 0, 1, end);
	default:
		return match_least(m, i, at, end);
	}
}

/* Items from i on, at this octet. */
static bool match(struct matcher *m, size_t i, size_t at, size_t *end)
{
	for (; i < m->n; i++) {
		const struct item *it = &m->items[i];

		hook_charge(m->L, 1);
		if (it->often)
			return match_often(m, i, at, end);
		if (it->kind == ITEM_OPEN)
			return match_open(m, i, at, OPEN, end);
		if (it->kind == ITEM_POSITION)
			return match_open(m, i, at, -1, end);
		if (it->kind == ITEM_CLOSE)
			return match_close(m, i, at, end);
		if (!skip(m, it, &at))
			return false;
	}
	hook_charge(m->L, 1);
	*end = at;
	return true;
}

/* Positions count from 1 in Lua, and all captures must have ended. */
static void finish(struct matcher *m, size_t at, size_t end)
{
	struct hook_match *o = m->out;

	o->capture[0].at = at;
	o->capture[0].n = (ptrdiff_t)(end - at);
	for (size_t i = 1; i <= o->ncaptures; i++) {
		if (o->capture[i].n == OPEN)
			bad(m, "a \"(\" has no \")\"");
	}
}

bool hook_pattern_find(lua_State *L, struct str subject, struct str pattern,
		       size_t from, bool anchors, struct hook_match *out)
{
	struct matcher m;
	bool anchored = anchors && str_starts(pattern, STR("^"));
	size_t end;

	m.L = L;
	m.subject = subject;
	m.n = 0;
	m.out = out;
	compile(&m, str_from(pattern, anchored));
	for (size_t at = from; at <= subject.n; at++) {
		out->ncaptures = 0;
		if (match(&m, 0, at, &end)) {
			finish(&m, at, end);
			return true;
		}
		if (anchored)
			break;
	}
	return false;
}
