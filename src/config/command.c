/* SPDX-License-Identifier: MIT */
/* Keeps what a key KEY_command names, the words of its line, and the secret
 * that its program printed last, for which any thread may ask. */
#include "config/command.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "config/strict.h"
#include "data/date.h"
#include "data/json.h"

struct config_command {
	const char *key;
	bool is_token;
	char **argv;
	const struct config_strict *strict;
	pthread_mutex_t lock; /* of what follows */
	struct config_command_value value;
	bool refused; /* since it was run */
};

struct config_command *config_command_new(const char *key, bool is_token,
					  struct str line,
					  const struct config_strict *strict,
					  struct fault *f)
{
	struct config_command *c;
	struct str rest = line, word;
	size_t n = 0;

	if (!str_starts(line, STR("/"))) {
		fault_set(f, "must be the absolute path of a program, and its "
			     "words; there is no shell");
		return NULL;
	}
	c = mem_new(struct config_command);
	c->key = key;
	c->is_token = is_token;
	c->strict = strict;
	pthread_mutex_init(&c->lock, NULL);
	c->argv = mem_array(line.n / 2 + 2, sizeof(*c->argv));
	while (str_next_word(&rest, &word))
		c->argv[n++] = str_dup(word);
	c->argv[n] = NULL;
	return c;
}

void config_command_free(struct config_command **cp)
{
	struct config_command *c = *cp;

	*cp = NULL;
	if (!c)
		return;
	for (size_t i = 0; c->argv[i]; i++)
		mem_free(c->argv[i]);
	mem_free(c->argv);
	secret_unref(&c->value.secret);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

const char *config_command_key(const struct config_command *c)
{
	return c->key;
}

char *const *config_command_argv(const struct config_command *c)
{
	return c->argv;
}

int config_command_hold(const struct config_command *c, struct fault *f)
{
	if (config_strict_hold(c->strict, c->argv[0], f) < 0)
		return fault_prefix(f, "%s", c->argv[0]);
	return 0;
}

bool config_command_due(struct config_command *c, int64_t now)
{
	const struct config_command_value *v = &c->value;
	bool due;

	pthread_mutex_lock(&c->lock);
	due = !v->secret || c->refused ||
	      (v->life > 0 && now >= v->ran + v->life * 1000);
	pthread_mutex_unlock(&c->lock);
	return due;
}

struct config_command_value config_command_get(struct config_command *c)
{
	struct config_command_value v;

	pthread_mutex_lock(&c->lock);
	v = c->value;
	v.secret = secret_ref(v.secret);
	pthread_mutex_unlock(&c->lock);
	return v;
}

/* "expires_in", or "expires_at", a date or seconds since 1970; 0: neither is
 * there, or it is past. */
static int64_t life_of(const struct json *j, int64_t ran_wall)
{
	const struct json *at = json_given(j, "expires_at");
	int64_t life, date = 0;

	if (json_int(json_given(j, "expires_in"), &life))
		return life > 0 ? life : 0;
	if (!json_int(at, &date) &&
	    (!json_is(at, JSON_STRING) ||
	     date_rfc3339_parse(json_text(at), &date) < 0))
		return 0;
	return date > ran_wall / 1000 ? date - ran_wall / 1000 : 0;
}

/* The token of an object, or the first line. */
static int read_printed(const struct config_command *c, struct str printed,
			struct config_command_value *v, struct fault *f)
{
	const struct str mark = STR("\xef\xbb\xbf"); /* byte order */
	struct json *j = NULL;
	struct str line;
	int rc;

	if (str_starts(printed, mark))
		printed = str_from(printed, mark.n);
	line = str_sub(printed, 0, str_find(printed, '\n'));
	if (str_ends(line, STR("\r")))
		line.n--;
	if (c->is_token && str_starts(printed, STR("{"))) {
		j = json_parse(printed, f);
		if (!j)
			return -1;
		if (!json_is(json_given(j, "access_token"), JSON_STRING)) {
			json_free(&j);
			return fault_set(f, "there is no access_token");
		}
		line = json_text(json_get(j, "access_token"));
		v->life = life_of(j, v->ran_wall);
		if (v->life > LIMIT_TOKEN_LIFE)
			v->life = LIMIT_TOKEN_LIFE;
	}
	rc = config_secret.read(NULL, line, &v->secret, f);
	if (rc == 0 && c->is_token &&
	    config_token.read(NULL, line, &v->secret, f) < 0) {
		secret_unref(&v->secret);
		rc = -1;
	}
	json_free(&j);
	return rc;
}

int config_command_take(struct config_command *c, struct str printed,
			int64_t ran, int64_t ran_wall, struct fault *f)
{
	struct config_command_value v = { NULL, 0, ran, ran_wall };
	struct secret *old;

	if (read_printed(c, printed, &v, f) < 0)
		return fault_prefix(f, "what it printed");
	pthread_mutex_lock(&c->lock);
	old = c->value.secret;
	c->value = v;
	c->refused = false;
	pthread_mutex_unlock(&c->lock);
	secret_unref(&old);
	return 0;
}

bool config_command_refused(struct config_command *c, int64_t now)
{
	bool due;

	pthread_mutex_lock(&c->lock);
	if (c->value.secret &&
	    now >= c->value.ran + LIMIT_SECRET_COMMAND_AGAIN)
		c->refused = true;
	due = c->refused;
	pthread_mutex_unlock(&c->lock);
	return due;
}
