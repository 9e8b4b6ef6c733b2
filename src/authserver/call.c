/* SPDX-License-Identifier: MIT */
/* Sends one request to an authorization server: parameters and client
 * authentication are written, a fetch carries it, and nothing of what it held
 * gets into a text. */
#include "authserver/call.h"

#include <string.h>

#include "authserver/redact.h"
#include "authserver/secret_command.h"
#include "authserver/server_request.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config/live_secret.h"
#include "data/date.h"
#include "data/json.h"
#include "oauth/dpop.h"
#include "oauth/settings.h"
#include "oauth/token/reply.h"
#include "service/endpoints.h"
#include "session/refresh.h"

struct call {
	struct as_client *client;
	struct endpoints *endpoints;     /* a reference: the client's may be
					    replaced meanwhile */
	const struct endpoint *endpoint; /* of these */
	struct call_request request; /* what it is made of, to be made anew */
	struct secret *carried[LIMIT_CARRIED]; /* its copies of the secrets
						  that it carries */
	char *redirect_uri;                   /* the same */
	bool again;                  /* it was sent once more */
	struct secret_wait secrets_wait; /* before it is made */
	bool unmade;                     /* it could not be */
	struct fetch *fetch;
	enum token_phase phase;
	struct secret **secrets;
	size_t nsecrets;
	int64_t sent, sent_wall;
	const char *unread;          /* of the answer, while done has it */
	call_done_fn *done;
	void *arg;
};

static void call_free(struct call *c)
{
	secret_wait_cancel(&c->secrets_wait);
	for (size_t i = 0; i < c->nsecrets; i++)
		secret_unref(&c->secrets[i]);
	mem_free(c->secrets);
	for (size_t i = 0; i < LIMIT_CARRIED; i++)
		secret_unref(&c->carried[i]);
	mem_free(c->redirect_uri);
	token_unref(&c->request.token);
	key_unref(&c->request.key);
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

static bool call_on_connected(void *arg)
{
	const struct call *c = arg;

	return c->request.connected(c->arg);
}

static void call_send(struct call *c, struct token_request *r)
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
		c->client->context->upstream,
		&(struct fetch_request){
			.origin = &to->origin,
			.method = r->method,
			.target = r->target,
			.fields = &fields,
			.body = buf_str(&r->body),
			.timeout = c->client->service->tokens->token_timeout,
			.max_body = LIMIT_TOKEN_RESPONSE,
			.connected = c->request.connected ? call_on_connected
							  : NULL,
		},
		call_on_response, c);
}

/* RFC 9449 §5, of what is written. */
static int call_prove(struct call *c, struct token_request *r,
		      struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf proof = BUF_INIT(LIMIT_DPOP_PROOF);
	ATTR_CLEANUP(buf_fini) struct buf url =
		BUF_INIT_SECRET(2 * LIMIT_TOKEN_REQUEST);
	const struct origin *o = &c->endpoint->origin;
	struct dpop_proof p = {
		.key = c->request.key,
		.method = r->method,
		.now = clock_wall_ms() / 1000,
	};

	if (!p.key)
		return 0;
	origin_write_uri(o, r->target, &url);
	p.url = buf_str(&url);
	p.nonce = dpop_nonces_get(&c->client->nonces,
				  str_z(c->client->service->name),
				  str_z(o->url));
	if (dpop_proof_write(&p, &proof, f) < 0)
		return -1;
	token_request_field(r, STR(DPOP_FIELD), buf_str(&proof));
	return 0;
}

static int call_build(struct call *c, struct token_request *r,
		      struct fault *f)
{
	const struct service *s = c->client->service;
	const struct server_request q = {
		.service = s,
		.endpoints = c->endpoints,
		.endpoint = c->endpoint,
		.asking = c->request.asking,
		.build = c->request.build,
		.token = c->request.token,
	};

	if (server_request_write(&q, r, f) < 0)
		return -1;
	if (call_prove(c, r, f) < 0)
		return fault_prefix(f, "[service %s]", s->name);
	return 0;
}

/* Everything in it is new: an assertion, its jti, the proof. */
static int call_make(struct call *c, struct fault *f)
{
	struct token_request r;
	int rc;

	token_request_init(&r);
	rc = call_build(c, &r, f);
	if (rc == 0) {
		c->phase = r.phase;
		call_keep_credential(c, &r.fields);
		for (size_t i = 0; i < r.nsecrets; i++)
			call_keep(c, secret_expose(r.secrets[i]));
		call_send(c, &r);
	}
	token_request_fini(&r);
	return rc;
}

/* What the caller lent for the time of the start. */
static const struct secret *call_hold(struct call *c, size_t i,
				      const struct secret *s)
{
	if (s)
		c->carried[i] = secret_new(secret_expose(s));
	return c->carried[i];
}

static void call_hold_all(struct call *c)
{
	struct token_asking *a = &c->request.asking;

	a->code = call_hold(c, 0, a->code);
	a->verifier = call_hold(c, 1, a->verifier);
	a->device_code = call_hold(c, 2, a->device_code);
	a->subject_token = call_hold(c, 3, a->subject_token);
	a->callback = call_hold(c, 4, a->callback);
	if (a->redirect_uri)
		c->redirect_uri = mem_strdup(a->redirect_uri);
	a->redirect_uri = c->redirect_uri;
	token_ref(c->request.token);
	key_ref(c->request.key);
}

/* Its secrets are there, or cannot be had. */
static void call_on_secrets(void *arg, const struct fault *trouble)
{
	struct call *c = arg;
	struct transfer_fault fault = { .status = 503, .error = "" };

	if (trouble)
		fault.text = *trouble;
	else if (call_make(c, &fault.text) == 0)
		return;
	c->unmade = true;
	c->done(c->arg, c, NULL, &fault);
	call_free(c);
}

struct call *call_start(struct as_client *client, const struct call_request *q,
			call_done_fn *done, void *arg, struct fault *f)
{
	const struct endpoint *to = endpoints_get(client->endpoints, q->to);
	struct call *c;

	if (!to) {
		fault_set(f,
			  "[service %s]: the server's metadata does not name "
			  "%s any more",
			  client->service->name, endpoint_key(q->to));
		return NULL;
	}
	c = mem_new(struct call);
	c->client = client;
	c->endpoints = endpoints_ref(client->endpoints);
	c->endpoint = to;
	c->request = *q;
	c->request.asking.hooks = client->context->hooks;
	c->request.secrets = NULL;
	call_hold_all(c);
	c->done = done;
	c->arg = arg;
	for (size_t i = 0; q->secrets && q->secrets[i]; i++)
		call_keep(c, secret_expose(q->secrets[i]));
	if (!secret_commands_ready(client->context, client->service,
				   &c->secrets_wait, call_on_secrets, c) ||
	    call_make(c, f) == 0)
		return c;
	call_free(c);
	return NULL;
}

void call_go_on(struct call *c)
{
	fetch_go_on(c->fetch);
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

/* Whether the proof was refused for want of a nonce (RFC 9449 §8). */
static bool call_wants_nonce(const struct fetch_response *r)
{
	struct oauth_error e = { .status = r->status };

	if (r->status != 400 && r->status != 401)
		return false;
	reply_error_body("token endpoint", call_media_type(r), r->body, &e);
	return strcmp(e.code, "use_dpop_nonce") == 0 ||
	       dpop_asks_for_nonce(r->fields);
}

/* Each answer may bring a new nonce. True: the request is under way again. */
static bool call_again(struct call *c, const struct fetch_response *r)
{
	struct str nonce = dpop_nonce(r->fields);

	dpop_nonces_put(&c->client->nonces, str_z(c->client->service->name),
			str_z(c->endpoint->origin.url), nonce);
	if (c->again || nonce.n == 0 || !call_wants_nonce(r))
		return false;
	c->again = true;
	c->fetch = NULL;
	return call_make(c, NULL) == 0;
}

static void call_on_response(void *arg, const struct fetch_response *response,
			     const struct transfer_fault *fault)
{
	struct call *c = arg;

	if (response && c->request.key && call_again(c, response))
		return;
	c->unread = response ? response->unread : NULL;
	c->done(c->arg, c, response, fault);
	call_free(c);
}

const char *call_authority(const struct call *c)
{
	return c->endpoint->origin.authority;
}

bool call_is_unmade(const struct call *c)
{
	return c->unmade;
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

static void call_keep_member(struct call *c, const struct json *j, size_t i)
{
	const struct json *member = json_at(j, i);

	if (json_is(j, JSON_OBJECT) && json_is(member, JSON_STRING) &&
	    str_ends(json_name(j, i), STR("token")) &&
	    json_text(member).n >= LIMIT_REDACT_LEAST)
		call_keep(c, json_text(member));
}

/* At any depth; json_parse bounds it. */
static void call_keep_members(struct call *c, const struct json *j)
{
	if (!json_is(j, JSON_OBJECT) && !json_is(j, JSON_ARRAY))
		return;
	for (size_t i = 0; i < json_count(j); i++) {
		call_keep_member(c, j, i);
		call_keep_members(c, json_at(j, i));
	}
}

void call_keep_tokens(struct call *c, struct str body)
{
	struct json *j = json_parse(body, NULL);

	call_keep_members(c, j);
	json_free(&j);
}

/* Whether the words repeat a secret that a key gives: as it is now, and as it
 * was when the configuration was read. */
static bool call_is_given(const char *words, size_t size,
			  const struct config_key *key, const void *value)
{
	const struct config_live_secret *live = value;
	struct secret *now;
	bool holds;

	if (redact_holds(words, size - 1, *(const struct secret *const *)value))
		return true;
	if (!key->type->live)
		return false;
	now = config_live_current(live);
	holds = redact_holds(words, size - 1, now);
	secret_unref(&now);
	return holds;
}

static bool call_is_in(const struct call *c, const struct config_table *t,
		       const char *words, size_t size)
{
	const char *block = t ? config_block(c->client->service->section, t) :
				NULL;

	for (size_t i = 0; t && i < t->nkeys; i++) {
		if ((t->keys[i].flags & CONFIG_SECRET) &&
		    call_is_given(words, size, &t->keys[i],
				  block + t->keys[i].offset))
			return true;
	}
	return false;
}

static bool call_is_secret(const struct call *c, const char *words, size_t size)
{
	for (size_t i = 0; i < c->nsecrets; i++) {
		if (redact_holds(words, size - 1, c->secrets[i]))
			return true;
	}
	return call_is_in(c, &oauth_settings_table, words, size) ||
	       call_is_in(c, c->client->service->grant->table, words, size);
}

static void call_tell_unread(const struct call *c, struct oauth_error *e)
{
	ATTR_CLEANUP(buf_fini) struct buf words =
		BUF_INIT(sizeof(e->description) + sizeof(struct fault));

	if (!c->unread || e->code[0])
		return;
	buf_addf(&words, "%s: %s", e->description, c->unread);
	reply_words(e->description, sizeof(e->description), buf_str(&words));
}

void call_clean(const struct call *c, struct oauth_error *e)
{
	bool code = call_is_secret(c, e->code, sizeof(e->code));

	if (!code &&
	    !call_is_secret(c, e->description, sizeof(e->description))) {
		call_tell_unread(c, e);
		return;
	}
	if (code)
		e->code[0] = '\0';
	strcpy(e->description,
	       "its words are not shown, for they repeat a secret");
}

bool call_repeats(const struct call *c, struct str text)
{
	size_t size = text.n + 1;
	char *words = mem_array(size, 1);
	bool repeats;

	reply_words(words, size, text);
	/* None of it was cut off. */
	repeats = call_is_secret(c, words, size + 1);
	mem_wipe(words, size);
	mem_free(words);
	return repeats;
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
	if (str_u64(field->value, LIMIT_REFRESH_RETRY_AFTER / 1000, &seconds))
		return (int64_t)seconds * 1000;
	if (call_is_number(field->value))
		return LIMIT_REFRESH_RETRY_AFTER;
	if (date_http_parse(field->value, &date) < 0)
		return -1;
	wait = date * 1000 - clock_wall_ms();
	return wait > 0 ? wait : 0;
}
