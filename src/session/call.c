/* SPDX-License-Identifier: MIT */
/* From the broker to an authorization server and back: parameters and client
 * authentication become a request, a fetch carries it, and nothing of what it
 * held gets into a text. */
#include "session/call.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "data/date.h"
#include "oauth/settings.h"
#include "service/server_request.h"
#include "session/refresh.h"
#include "session/words.h"

struct call {
	const struct service *service;
	struct endpoints *endpoints;
	const struct endpoint *endpoint;
	struct fetch *fetch;
	enum token_phase phase;
	struct secret **secrets;
	size_t nsecrets;
	int64_t sent, sent_wall;
	call_done_fn *done;
	void *arg;
};

static void call_free(struct call *c)
{
	for (size_t i = 0; i < c->nsecrets; i++)
		secret_unref(&c->secrets[i]);
	mem_free(c->secrets);
	endpoints_unref(&c->endpoints);
	mem_free(c);
}

/* --- the request --- */

static void call_keep(struct call *c, struct str value)
{
	if (value.n == 0)
		return;
	c->secrets = mem_resize(c->secrets, (c->nsecrets + 1) *
					    sizeof(struct secret *));
	c->secrets[c->nsecrets++] = secret_new(value);
}

/* Whose echo must not be shown: the credentials behind the scheme. */
static void call_keep_credential(struct call *c, const struct fields *fields)
{
	const struct field *field = fields_find(fields, STR("Authorization"));
	struct str rest, scheme;

	if (!field)
		return;
	rest = field->value;
	if (str_next_word(&rest, &scheme))
		call_keep(c, str_trim(rest));
}

static void call_on_response(void *arg, const struct fetch_response *response,
			     const struct transfer_fault *fault);

static void call_send(struct call *c, struct upstream *u,
		      struct token_request *r)
{
	const struct endpoint *to = c->endpoint;
	struct fields fields;

	fields_init(&fields, &r->arena);
	fields_add(&fields, STR("Host"), str_z(to->origin.authority));
	for (size_t i = 0; i < r->fields.n; i++)
		fields_add(&fields, r->fields.v[i].name, r->fields.v[i].value);
	c->sent = clock_ms();
	c->sent_wall = clock_wall_ms();
	c->fetch = fetch_start(
		u,
		&(struct fetch_request){
			.origin = &to->origin,
			.method = r->method,
			.target = r->target,
			.fields = &fields,
			.body = buf_str(&r->body),
			.timeout = c->service->tokens->token_timeout,
			.max_body = TOKEN_RESPONSE_MAX,
		},
		call_on_response, c);
}

static int call_build(const struct call_request *q, struct token_request *r,
		      struct fault *f)
{
	return server_request_write(
		&(struct server_request){
			.service = q->service,
			.endpoints = q->endpoints,
			.endpoint = q->endpoint,
			.asking = q->asking,
			.build = q->build,
			.token = q->token,
		},
		r, f);
}

struct call *call_start(struct upstream *u, const struct call_request *q,
			call_done_fn *done, void *arg, struct fault *f)
{
	struct token_request r;
	struct call *c = NULL;

	token_request_init(&r);
	if (call_build(q, &r, f) == 0) {
		c = mem_new(struct call);
		c->service = q->service;
		c->endpoints = endpoints_ref(q->endpoints);
		c->endpoint = q->endpoint;
		c->phase = r.phase;
		c->done = done;
		c->arg = arg;
		call_keep_credential(c, &r.fields);
		for (size_t i = 0; q->secrets && q->secrets[i]; i++)
			call_keep(c, secret_expose(q->secrets[i]));
		for (size_t i = 0; i < r.nsecrets; i++)
			call_keep(c, secret_expose(r.secrets[i]));
		call_send(c, u, &r);
	}
	token_request_fini(&r);
	return c;
}

void call_cancel(struct call **call)
{
	struct call *c = *call;

	*call = NULL;
	if (!c)
		return;
	fetch_cancel(&c->fetch);
	call_free(c);
}

/* --- the answer --- */

static void call_on_response(void *arg, const struct fetch_response *response,
			     const struct transfer_fault *fault)
{
	struct call *c = arg;

	c->done(c->arg, c, response, fault);
	call_free(c);
}

const char *call_authority(const struct call *c)
{
	return c->endpoint->origin.authority;
}

enum token_phase call_phase(const struct call *c)
{
	return c->phase;
}

int64_t call_sent(const struct call *c, int64_t *wall)
{
	*wall = c->sent_wall;
	return c->sent;
}

/* Whether the words repeat a secret key of the grant's own. */
static bool call_is_grant_secret(const struct call *c, const char *words,
				 size_t size)
{
	const struct config_table *t = c->service->grant->table;

	for (size_t i = 0; t && i < t->nkeys; i++) {
		const char *block = config_block(c->service->section, t);
		const void *value = block + t->keys[i].offset;

		if ((t->keys[i].flags & CONFIG_SECRET) &&
		    words_hold(words, size - 1,
			       *(const struct secret *const *)value))
			return true;
	}
	return false;
}

static bool call_is_secret(const struct call *c, const char *words, size_t size)
{
	const struct oauth_settings *set =
		config_block(c->service->section, &oauth_settings_table);

	for (size_t i = 0; i < c->nsecrets; i++) {
		if (words_hold(words, size - 1, c->secrets[i]))
			return true;
	}
	return words_hold(words, size - 1, set->client_secret) ||
	       call_is_grant_secret(c, words, size);
}

void call_clean(const struct call *c, struct oauth_error *e)
{
	bool code = call_is_secret(c, e->code, sizeof(e->code));

	if (!code && !call_is_secret(c, e->description, sizeof(e->description)))
		return;
	if (code)
		e->code[0] = '\0';
	strcpy(e->description,
	       "its words are not shown, for they repeat a secret");
}

struct str call_media_type(const struct fetch_response *r)
{
	const struct field *type = fields_find(r->fields, STR("Content-Type"));

	return type ? type->value : STR("");
}

/* Digits only, however many. */
static bool call_is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

/* Seconds, or a date (RFC 9110 §10.2.3), as ms from now; -1: neither. */
int64_t call_retry_after(const struct fetch_response *r)
{
	const struct field *field = fields_find(r->fields, STR("Retry-After"));
	uint64_t seconds;
	int64_t date, wait;

	if (!field)
		return -1;
	if (str_u64(field->value, REFRESH_RETRY_AFTER / 1000, &seconds))
		return (int64_t)seconds * 1000;
	if (call_is_number(field->value))
		return REFRESH_RETRY_AFTER;
	if (date_http_parse(field->value, &date) < 0)
		return -1;
	wait = date * 1000 - clock_wall_ms();
	return wait > 0 ? wait : 0;
}
