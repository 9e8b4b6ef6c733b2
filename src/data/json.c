/* SPDX-License-Identifier: MIT */
/* Parses JSON that comes in: token replies, metadata, key sets, stored tokens.
 * Servers may be malicious and documents hold secrets: a fault says where
 * something is wrong, and never quotes it. */
#include "data/json.h"

#include <stdalign.h>
#include <string.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_version.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "data/json_int.h"
#include "data/utf8.h"

enum { SURROGATES = 12 }; /* octets of a pair, escaped */

struct json {
	enum json_type type;
	bool yes;
	char *name; /* as the member of an object */
	size_t name_n;
	char *text; /* a string's octets, a number as written */
	size_t text_n;
	struct json *items; /* n of an array or object */
	size_t n, cap;
};

/* ---- Unicode ---- */

/* The code unit of the \uXXXX at s.p[at], or -1. */
static int escaped_unit(struct str s, size_t at)
{
	int unit = 0;

	if (at + 6 > s.n || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		int digit = char_hex(s.p[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

size_t json_escape_length(struct str s, size_t at)
{
	int unit = escaped_unit(s, at);

	if (unit < 0xd800 || unit > 0xdfff)
		return 2;

	int second = escaped_unit(s, at + 6);

	return unit < 0xdc00 && second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

/* What yajl lets pass or bends: UTF-8 that only looks like it, and lone
 * surrogates, which it would replace together with their neighbour. Returns
 * where the first one is, or text.n. */
static size_t find_bad_unicode(struct str text)
{
	size_t at = 0;

	while (at < text.n) {
		size_t n = text.p[at] == '\\' ? json_escape_length(text, at)
					      : utf8_length(text, at);

		if (n == 0)
			return at;
		at += n;
	}
	return text.n;
}

/* ---- memory ---- */

struct json_block {
	size_t n;
	alignas(max_align_t) char octets[];
};

static struct json_block *block_of(void *p)
{
	return (struct json_block *)(void *)((char *)p -
					     offsetof(struct json_block,
						      octets));
}

static void *wiping_malloc(void *ctx, size_t n)
{
	struct json_block *b = mem_alloc(sizeof(struct json_block) + n);

	(void)ctx;
	b->n = n;
	return b->octets;
}

static void wiping_free(void *ctx, void *p)
{
	(void)ctx;
	if (!p)
		return;

	struct json_block *b = block_of(p);

	mem_wipe(b->octets, b->n);
	mem_free(b);
}

static void *wiping_realloc(void *ctx, void *p, size_t n)
{
	void *fresh = wiping_malloc(ctx, n);

	if (p) {
		size_t old = block_of(p)->n;

		memcpy(fresh, p, old < n ? old : n);
		wiping_free(ctx, p);
	}
	return fresh;
}

static char *copy_octets(const void *p, size_t n)
{
	char *copy = mem_alloc(n + 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

static void free_octets(char *p, size_t n)
{
	if (p)
		mem_wipe(p, n);
	mem_free(p);
}

/* As deep as the tree, which is bounded. */
static void json_fini(struct json *j)
{
	for (size_t i = 0; i < j->n; i++)
		json_fini(&j->items[i]);
	mem_free(j->items);
	free_octets(j->name, j->name_n);
	free_octets(j->text, j->text_n);
}

void json_free(struct json **j)
{
	struct json *gone = *j;

	*j = NULL;
	if (!gone)
		return;
	json_fini(gone);
	mem_free(gone);
}

/* ---- reading ---- */

/* A document under way. The open containers' places are stable: only the
 * innermost one's items move. */
struct reader {
	struct json *root;
	struct json *open[LIMIT_JSON_DEPTH];
	size_t depth, values;
	char *key; /* waits for its value */
	size_t key_n;
	bool repeated; /* members may be */
	const char *why; /* what we, not yajl, refuse */
};

static struct json *add_item(struct json *parent)
{
	if (parent->n == parent->cap) {
		parent->cap = parent->cap ? parent->cap * 2 : 4;
		parent->items = mem_resize(parent->items,
					   parent->cap * sizeof(struct json));
	}

	struct json *item = &parent->items[parent->n++];

	*item = (struct json){ .type = JSON_NULL };
	return item;
}

/* The place of the next value; NULL where there are too many. */
static struct json *take_place(struct reader *r, enum json_type type)
{
	struct json *j = r->root;

	if (r->values == LIMIT_JSON_VALUES) {
		r->why = "there are too many values";
		return NULL;
	}
	r->values++;
	if (r->depth)
		j = add_item(r->open[r->depth - 1]);
	j->type = type;
	j->name = r->key;
	j->name_n = r->key_n;
	r->key = NULL;
	r->key_n = 0;
	return j;
}

static int on_null(void *ctx)
{
	return take_place(ctx, JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int yes)
{
	struct json *j = take_place(ctx, JSON_BOOL);

	if (j)
		j->yes = yes != 0;
	return j != NULL;
}

static int add_text(struct reader *r, enum json_type type, const void *p,
		    size_t n)
{
	struct json *j = take_place(r, type);

	if (!j)
		return 0;
	j->text = copy_octets(p, n);
	j->text_n = n;
	return 1;
}

static int on_number(void *ctx, const char *p, size_t n)
{
	return add_text(ctx, JSON_NUMBER, p, n);
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
	return add_text(ctx, JSON_STRING, p, n);
}

static int open_container(struct reader *r, enum json_type type)
{
	if (r->depth == LIMIT_JSON_DEPTH) {
		r->why = "the values are nested too deeply";
		return 0;
	}

	struct json *j = take_place(r, type);

	if (!j)
		return 0;
	r->open[r->depth++] = j;
	return 1;
}

static int on_object(void *ctx)
{
	return open_container(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return open_container(ctx, JSON_ARRAY);
}

static int on_end(void *ctx)
{
	struct reader *r = ctx;

	r->depth--;
	return 1;
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
	struct reader *r = ctx;
	struct str name = { (const char *)p, n };

	if (!r->repeated && json_get_str(r->open[r->depth - 1], name)) {
		r->why = "a member stands twice";
		return 0;
	}
	r->key = copy_octets(p, n);
	r->key_n = n;
	return 1;
}

static const yajl_callbacks CALLBACKS = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

/* The fault's words: where, and what, which is never the text's own. */
static void refuse(struct str text, size_t at, struct str what,
		   struct fault *f)
{
	size_t line = 1, octet = 1;

	for (size_t i = 0; i < at && i < text.n; i++) {
		octet++;
		if (text.p[i] == '\n') {
			line++;
			octet = 1;
		}
	}
	fault_set(f, "line %zu, octet %zu: %.*s", line, octet, STR_ARGS(what));
}

/* yajl's words without its line's end; they quote only when asked to. */
static void refuse_as_yajl(yajl_handle h, struct str text, size_t at,
			   struct fault *f)
{
	unsigned char *words = yajl_get_error(h, 0, NULL, 0);
	struct str what = str_z((const char *)words);

	refuse(text, at, str_sub(what, 0, str_find(what, '\n')), f);
	yajl_free_error(h, words);
}

/* 0, or -1 with the fault. */
static int run_yajl(struct reader *r, struct str text, struct fault *f)
{
	yajl_alloc_funcs memory = { wiping_malloc, wiping_realloc,
				    wiping_free, NULL };
	yajl_handle h = yajl_alloc(&CALLBACKS, &memory, r);
	size_t at = text.n;
	yajl_status status =
		yajl_parse(h, (const unsigned char *)text.p, text.n);

	if (status != yajl_status_ok)
		at = yajl_get_bytes_consumed(h);
	else
		status = yajl_complete_parse(h);
	if (status != yajl_status_ok && r->why)
		refuse(text, at, str_z(r->why), f);
	else if (status != yajl_status_ok)
		refuse_as_yajl(h, text, at, f);
	yajl_free(h);
	return status == yajl_status_ok ? 0 : -1;
}

static struct json *parse(struct str text, bool repeated, struct fault *f)
{
	size_t bad = find_bad_unicode(text);

	if (bad < text.n) {
		refuse(text, bad, STR("no valid Unicode"), f);
		return NULL;
	}
	struct reader r = { .root = mem_new(struct json),
			    .repeated = repeated };

	if (!text.p)
		text = STR("");
	if (run_yajl(&r, text, f) < 0)
		json_free(&r.root);
	free_octets(r.key, r.key_n);
	return r.root;
}

/* Whether it could be the beginning of a character or a surrogate pair. */
static bool may_go_on(struct str rest)
{
	bool escape = rest.p[0] == '\\';

	for (size_t i = 0; i < rest.n; i++) {
		char c = rest.p[i];

		if (escape ? c != '\\' && c != 'u' && char_hex(c) < 0
			   : (unsigned char)c < 0x80)
			return false;
	}
	return rest.n < SURROGATES;
}

bool json_is_cut(struct str text)
{
	yajl_alloc_funcs memory = { wiping_malloc, wiping_realloc,
				    wiping_free, NULL };
	size_t bad = find_bad_unicode(text);
	yajl_handle h;
	bool cut;

	if (bad < text.n && !may_go_on(str_from(text, bad)))
		return false;
	h = yajl_alloc(NULL, &memory, NULL);
	cut = yajl_parse(h, (const unsigned char *)text.p, bad) ==
		      yajl_status_ok &&
	      (bad < text.n || yajl_complete_parse(h) != yajl_status_ok);
	yajl_free(h);
	return cut;
}

struct json *json_parse(struct str text, struct fault *f)
{
	return parse(text, false, f);
}

/* ---- members that stand twice ---- */

static bool is_same_text(const struct json *a, const struct json *b)
{
	return a->type == JSON_STRING && b->type == JSON_STRING &&
	       str_eq(json_text(a), json_text(b));
}

static void make_null(struct json *j)
{
	struct json gone = *j;

	*j = (struct json){ .type = JSON_NULL, .name = gone.name,
			    .name_n = gone.name_n };
	gone.name = NULL;
	json_fini(&gone);
}

/* A member, and those of its name behind it. */
static void settle_member(struct json *j, size_t i)
{
	for (size_t k = i + 1; k < j->n; k++) {
		if (!str_eq(json_name(j, k), json_name(j, i)) ||
		    is_same_text(&j->items[i], &j->items[k]))
			continue;
		make_null(&j->items[i]);
		make_null(&j->items[k]);
	}
}

static void settle(struct json *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (j->type == JSON_OBJECT)
			settle_member(j, i);
		settle(&j->items[i]);
	}
}

struct json *json_parse_repeated(struct str text)
{
	struct json *j = parse(text, true, NULL);

	if (j)
		settle(j);
	return j;
}

/* ---- looking ---- */

enum json_type json_type(const struct json *j)
{
	return j ? j->type : JSON_NULL;
}

bool json_is(const struct json *j, enum json_type type)
{
	return j && j->type == type;
}

const char *json_type_name(enum json_type type)
{
	static const char *const NAMES[] = {
		[JSON_NULL] = "null",     [JSON_BOOL] = "boolean",
		[JSON_NUMBER] = "number", [JSON_STRING] = "string",
		[JSON_ARRAY] = "array",   [JSON_OBJECT] = "object",
	};

	return NAMES[type];
}

const struct json *json_get_str(const struct json *j, struct str name)
{
	if (!json_is(j, JSON_OBJECT))
		return NULL;
	for (size_t i = 0; i < j->n; i++) {
		if (str_eq(json_name(j, i), name))
			return &j->items[i];
	}
	return NULL;
}

const struct json *json_get(const struct json *j, const char *name)
{
	return json_get_str(j, str_z(name));
}

const struct json *json_given(const struct json *j, const char *name)
{
	const struct json *m = json_get(j, name);

	if (json_is(m, JSON_STRING) && m->text_n == 0)
		return NULL;
	return json_is(m, JSON_NULL) ? NULL : m;
}

size_t json_count(const struct json *j)
{
	return j ? j->n : 0;
}

const struct json *json_at(const struct json *j, size_t i)
{
	return i < json_count(j) ? &j->items[i] : NULL;
}

struct str json_name(const struct json *j, size_t i)
{
	if (i >= json_count(j))
		return (struct str){ NULL, 0 };
	return (struct str){ j->items[i].name, j->items[i].name_n };
}

struct str json_text(const struct json *j)
{
	return j ? (struct str){ j->text, j->text_n } : (struct str){ NULL, 0 };
}

bool json_bool(const struct json *j)
{
	return json_is(j, JSON_BOOL) && j->yes;
}

void json_library(struct buf *out)
{
	int version = yajl_version();

	buf_addf(out, "yajl/%d.%d.%d", version / 10000, version / 100 % 100,
		 version % 100);
}
