/* SPDX-License-Identifier: MIT */
/* Reads values by their types: from the text behind "=" to what stands in a
 * block. No fault repeats the text: the line is named anyway, and it may be a
 * secret that stands in the wrong place. */
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/secret.h"
#include "config/cidr.h"
#include "config/command.h"
#include "config/live_secret.h"
#include "config/table.h"
#include "data/uri.h"

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] < ' ' && text.p[i] != '\t') ||
		    text.p[i] == 0x7f)
			return true;
	return false;
}

/* For values that come from a file or the environment; lines have none. */
static int check_text(struct str text, struct fault *f)
{
	if (!text.n)
		return fault_set(f, "is empty");
	if (has_control(text))
		return fault_set(f, "holds a control character (a line break, "
				    "say)");
	return 0;
}

static int read_text(const struct config_key *key ATTR_UNUSED, struct str text,
		     void *value, struct fault *f)
{
	char **to = value;

	if (check_text(text, f))
		return -1;
	mem_free(*to);
	*to = str_dup(text);
	return 0;
}

static void free_text(void *value)
{
	char **text = value;

	mem_free(*text);
	*text = NULL;
}

static int read_secret(const struct config_key *key ATTR_UNUSED,
		       struct str text, void *value, struct fault *f)
{
	struct secret **to = value;

	if (check_text(text, f))
		return -1;
	secret_unref(to);
	*to = secret_new(text);
	return 0;
}

/* RFC 6749 appendix A: printable ASCII. The grammar has room for spaces at the
 * ends; no token has them, and a file gets one quickly. */
static int read_token(const struct config_key *key, struct str text,
		      void *value, struct fault *f)
{
	if (str_trim(text).n != text.n)
		return fault_set(f, "begins or ends with white space, which "
				    "no token does");
	if (!str_is_printable(text))
		return fault_set(f, "holds what is not printable ASCII (a "
				    "second line?), which no token does");
	return read_secret(key, text, value, f);
}

static void free_secret(void *value)
{
	secret_unref(value);
}

static void free_live_secret(void *value)
{
	struct config_live_secret *live = value;

	secret_unref(&live->value);
	free_text(&live->path);
	config_live_file_free(&live->file);
	config_command_free(&live->command);
}

static int read_live_secret(const struct config_key *key, struct str text,
			    void *value, struct fault *f)
{
	struct config_live_secret *to = value;

	free_text(&to->path);
	config_live_file_free(&to->file);
	to->key = key;
	return read_secret(key, text, &to->value, f);
}

static int read_live_token(const struct config_key *key, struct str text,
			   void *value, struct fault *f)
{
	struct config_live_secret *to = value;

	free_text(&to->path);
	config_live_file_free(&to->file);
	to->key = key;
	return read_token(key, text, &to->value, f);
}

static int read_bool(const struct config_key *key ATTR_UNUSED, struct str text,
		     void *value, struct fault *f)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	bool *to = value;

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		*to = str_eq_nocase(text, str_z(yes[i]));
		if (*to || str_eq_nocase(text, str_z(no[i])))
			return 0;
	}
	return fault_set(f, "must be yes or no (or true, false, on, off, 1, "
			    "0)");
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* The number in front, times the factor of the unit behind it; the first unit
 * is that of a bare number. */
static bool read_number(struct str text, const struct unit *units, size_t n,
			uint64_t max, uint64_t *out)
{
	size_t digits = 0;
	struct str unit;
	uint64_t number;

	while (digits < text.n && char_is_digit(text.p[digits]))
		digits++;
	unit = str_from(text, digits);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq_z(unit, units[i].name))
			continue;
		if (!str_u64(str_sub(text, 0, digits), max / units[i].factor,
			     &number))
			return false;
		*out = number * units[i].factor;
		return true;
	}
	return false;
}

static int read_duration(const struct config_key *key ATTR_UNUSED,
			 struct str text, void *value, struct fault *f)
{
	static const struct unit units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 },
	};
	int64_t *to = value;
	uint64_t ms;

	if (!read_number(text, units, sizeof(units) / sizeof(units[0]),
			 LIMIT_DURATION * INT64_C(1000), &ms))
		return fault_set(f, "must be a duration such as 500ms, 30s, "
				    "5m, 1h or 7d, of ten years at the most");
	*to = (int64_t)ms;
	return 0;
}

/* None is another thing than not given, which is 0. */
static int read_interval(const struct config_key *key, struct str text,
			 void *value, struct fault *f)
{
	int64_t *to = value;
	bool yes;

	if (!read_bool(key, text, &yes, NULL) && !yes)
		*to = 0;
	else if (read_duration(key, text, to, f))
		return fault_set(f, "must be no, or a duration such as 30m, "
				    "12h or 7d, of ten years at the most");
	if (*to == 0)
		*to = -1;
	return 0;
}

static int read_size(const struct config_key *key ATTR_UNUSED, struct str text,
		     void *value, struct fault *f)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 },
		{ "G", 1 << 30 }, { "k", 1 << 10 }, { "m", 1 << 20 },
		{ "g", 1 << 30 },
	};

	if (!read_number(text, units, sizeof(units) / sizeof(units[0]),
			 INT64_MAX, value))
		return fault_set(f, "must be a size such as 4096, 64K, 10M or "
				    "1G");
	return 0;
}

static int read_count(const struct config_key *key ATTR_UNUSED,
		      struct str text, void *value, struct fault *f)
{
	if (!str_u64(text, INT64_MAX, value))
		return fault_set(f, "must be a number");
	return 0;
}

static int read_word(const struct config_key *key, struct str text,
		     void *value, struct fault *f)
{
	struct str rest = str_z(key->words), word;
	int *to = value, i = 0;

	for (; str_next_word(&rest, &word); i++) {
		if (!str_eq(word, text))
			continue;
		*to = i;
		return 0;
	}
	return fault_set(f, "must be %s%s", i > 1 ? "one of: " : "",
			 key->words);
}

/* An URL's text may hold a password: none of it goes into the fault. */
static int read_url(const struct config_key *key, struct str text, void *value,
		    struct fault *f)
{
	struct uri u;

	if (uri_parse(text, &u, NULL) || !u.host.n ||
	    (!uri_is_https(&u) && !uri_is_http(&u)))
		return fault_set(f, "must be a URL such as "
				    "https://host.example/path");
	if (u.has_fragment)
		return fault_set(f, "a URL with a fragment (\"#\") cannot be "
				    "used here");
	return read_text(key, text, value, f);
}

static int list_add(struct config_list *list, struct str text, struct fault *f)
{
	if (check_text(text, f))
		return -1;
	list->v = mem_resize(list->v, (list->n + 1) * sizeof(*list->v));
	list->v[list->n++] = str_dup(text);
	return 0;
}

static int read_list(const struct config_key *key ATTR_UNUSED, struct str text,
		     void *value, struct fault *f)
{
	return list_add(value, text, f);
}

/* The next word between spaces, tabs and commas. */
static bool next_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	while (rest->n && strchr(" \t,", rest->p[0]))
		*rest = str_from(*rest, 1);
	while (n < rest->n && !strchr(" \t,", rest->p[n]))
		n++;
	*word = str_sub(*rest, 0, n);
	*rest = str_from(*rest, n);
	return n > 0;
}

static int read_words(const struct config_key *key ATTR_UNUSED,
		      struct str text, void *value, struct fault *f)
{
	struct str word;

	if (check_text(text, f))
		return -1;
	if (!next_word(&text, &word))
		return fault_set(f, "holds no word");
	do {
		if (list_add(value, word, f))
			return -1;
	} while (next_word(&text, &word));
	return 0;
}

static void free_list(void *value)
{
	struct config_list *list = value;

	for (size_t i = 0; i < list->n; i++)
		mem_free(list->v[i]);
	mem_free(list->v);
	*list = (struct config_list){ NULL, 0 };
}

/* A program and its words, as execve(2) takes them. */
static int read_program(const struct config_key *key ATTR_UNUSED,
			struct str text, void *value, struct fault *f)
{
	struct config_list *list = value;
	struct str word;

	if (!str_starts(text, STR("/")))
		return fault_set(f, "must be the absolute path of a program, "
				    "and its words; there is no shell");
	free_list(list);
	while (str_next_word(&text, &word)) {
		if (list_add(list, word, f))
			return -1;
	}
	list->v = mem_resize(list->v, (list->n + 1) * sizeof(*list->v));
	list->v[list->n] = NULL;
	return 0;
}

static int read_statuses(const struct config_key *key ATTR_UNUSED,
			 struct str text, void *value, struct fault *f)
{
	struct config_numbers *to = value;
	bool any = false;
	struct str word;
	uint64_t n;

	while (next_word(&text, &word)) {
		if (!str_u64(word, 599, &n) || n < 100) {
			any = false;
			break;
		}
		to->v = mem_resize(to->v, (to->n + 1) * sizeof(*to->v));
		to->v[to->n++] = (int)n;
		any = true;
	}
	if (!any)
		return fault_set(f, "must be HTTP statuses, 100 to 599");
	return 0;
}

static void free_numbers(void *value)
{
	struct config_numbers *numbers = value;

	mem_free(numbers->v);
	*numbers = (struct config_numbers){ NULL, 0 };
}

static int read_cidrs(const struct config_key *key ATTR_UNUSED,
		      struct str text, void *value, struct fault *f)
{
	struct config_cidrs *to = value;
	struct config_cidr one;
	bool any = false;
	struct str word;

	for (; next_word(&text, &word); any = true) {
		if (config_cidr_parse(word, &one, f))
			return -1;
		to->v = mem_resize(to->v, (to->n + 1) * sizeof(*to->v));
		to->v[to->n++] = one;
	}
	return any ? 0 : fault_set(f, "holds no address");
}

static void free_cidrs(void *value)
{
	struct config_cidrs *cidrs = value;

	mem_free(cidrs->v);
	*cidrs = (struct config_cidrs){ NULL, 0 };
}

/* clang-format off */
const struct config_type
	config_text     = { "text", read_text, free_text, false },
	config_secret   = { "secret", read_secret, free_secret, false },
	config_token    = { "secret", read_token, free_secret, false },
	config_live_secret = { "secret", read_live_secret, free_live_secret,
			       true },
	config_live_token = { "secret", read_live_token, free_live_secret,
			      true },
	config_bool     = { "yes or no", read_bool, NULL, false },
	config_duration = { "duration", read_duration, NULL, false },
	config_interval = { "duration or no", read_interval, NULL, false },
	config_size     = { "size", read_size, NULL, false },
	config_count    = { "number", read_count, NULL, false },
	config_word     = { "word", read_word, NULL, false },
	config_url      = { "URL", read_url, free_text, false },
	config_path     = { "path", read_text, free_text, false },
	config_list     = { "text", read_list, free_list, false },
	config_paths    = { "path", read_list, free_list, false },
	config_listen   = { "address", read_list, free_list, false },
	config_program  = { "command", read_program, free_list, false },
	config_words    = { "words", read_words, free_list, false },
	config_statuses = { "statuses", read_statuses, free_numbers, false },
	config_cidrs    = { "addresses", read_cidrs, free_cidrs, false };
/* clang-format on */
