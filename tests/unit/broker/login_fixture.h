/* SPDX-License-Identifier: MIT */
/* A broker without a thread of its own, for the tests of logins: they turn its
 * loop, and put its clock forward. Its endpoint, store and keeper are real. */
#pragma once

#include "authserver/endpoint.h"
#include "authserver/token_call.h"
#include "base/clock.h"
#include "base/limits.h"
#include "broker/broker_int.h"
#include "broker/login_int.h"
#include "broker/reply.h"
#include "session/setup.h"

#define EXTERNAL "http://127.0.0.1:8119"
#define CLIENT                                                      \
	"upstream = https://api.example.com\n"                      \
	"token_endpoint = http://127.0.0.1:@/token\n"               \
	"client_id = demo\nclient_secret = s3cr3t/w%rd+\n"
#define PEOPLE "authorization_endpoint = http://127.0.0.1:@/authorize\n"
#define CODES "device_authorization_endpoint = http://127.0.0.1:@/device\n"

/* clang-format off */
static const char text[] =
	"[service web]\n" CLIENT PEOPLE CODES
	"[service other]\n" CLIENT PEOPLE
	"[service openid]\n" CLIENT PEOPLE "scope = openid mail\n"
	"id_token = ignore\n"
	"[service fragment]\n" CLIENT PEOPLE "grant_type = implicit\n"
	"[service device]\n" CLIENT CODES "grant_type = device_code\n"
	"[service away]\n" CLIENT PEOPLE
	"redirect_uri = https://elsewhere.example.com/callback\n"
	"[service any]\n" CLIENT PEOPLE
	"redirect_uri = " EXTERNAL "/-/callback\n"
	"[service member]\n" CLIENT PEOPLE "token_format = X {token.tenant}\n"
	"[service first]\n" CLIENT "grant_type = token-exchange\n"
	"subject_token_service = machine\n"
	"[service machine]\n" CLIENT
	"[service subject]\n" CLIENT "grant_type = token-exchange\n"
	"subject_token_service = web\n"
	"[service second]\n" CLIENT "grant_type = token-exchange\n"
	"subject_token_service = machine\n"
	"[service fixed]\nupstream = https://fixed.example.com\n"
	"access_token = pat\n"
	"[service pushed]\n" CLIENT PEOPLE "scope = openid\n"
	"id_token = ignore\n"
	"pushed_authorization_request_endpoint = http://127.0.0.1:@/par\n"
	"[service last]\n" CLIENT "grant_type = token-exchange\n"
	"subject_token_service = subject\n";
/* clang-format on */

enum { WEB, OTHER, OPENID, FRAGMENT, DEVICE, AWAY, ANY, MEMBER, FIRST };
enum { MACHINE = FIRST + 1, SUBJECT, SECOND, FIXED, PUSHED, LAST };

static struct {
	struct fake_endpoint *endpoint;
	struct services *services;
	struct secret *key;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	int64_t ahead; /* ms that its clock is in front of the real one */
} it;

/* --- time --- */

static inline void set_clock(void)
{
	clock_real();
	clock_fake(clock_ms() + it.ahead, clock_wall_ms() + it.ahead);
}

static inline void turn(void)
{
	set_clock();
	loop_turn(it.broker->context.loop, 5);
}

/* Puts the clock forward, and lets what is due happen. */
static inline void forward(int64_t ms)
{
	it.ahead += ms;
	turn();
	turn();
}

static inline int64_t now(void)
{
	return loop_now(it.broker->context.loop);
}

/* Turns for a while, in which nothing should happen. */
static inline void rest(int turns)
{
	while (turns-- > 0)
		turn();
}

/* Turns until it is so, 10 s at most. */
#define UNTIL(what)                                         \
	do {                                                \
		int turns_ = 0;                             \
		while (!(what) && turns_++ < 5000)          \
			turn();                             \
		assert_true(what);                          \
	} while (0)

/* --- start and stop --- */

static inline void begin(void)
{
	struct fault f;

	set_clock();
	it.broker = broker_new(it.services, it.store, &f);
	assert_non_null(it.broker);
	broker_set_external(it.broker, EXTERNAL);
	it.keeper = keeper_start(it.store, &f);
	assert_non_null(it.keeper);
	it.broker->context.store = NULL;
	it.broker->context.keeper = it.keeper;
}

static inline void end(void)
{
	broker_end(it.broker);
	keeper_stop(&it.keeper);
	broker_free(&it.broker);
}

/* The test has ended, and nobody is there to be told. */
static inline void leave_all(void)
{
	list_each_safe(node, &it.broker->logins.all) {
		struct login *l = list_entry(node, struct login, node);

		l->reply = NULL;
		login_leave(l);
	}
}

static inline int set_up(void **state)
{
	struct fault f;

	(void)state;
	memset(&it, 0, sizeof(it));
	it.key = secret_new(STR("0123456789abcdef0123456789abcdef"));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	it.store = store_open(STR("memory:"), &it.key, 1, &f);
	assert_non_null(it.store);
	begin();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	if (it.broker) {
		leave_all();
		end();
	}
	store_close(&it.store);
	services_free(&it.services);
	secret_unref(&it.key);
	endpoint_free(it.endpoint);
	clock_real();
	return 0;
}

/* Ends the broker, and makes another one from what is stored. */
static inline void restart(void)
{
	end();
	begin();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* --- the server --- */

#define TOKEN_ONLY \
	"{\"access_token\":\"tok$\",\"token_type\":\"Bearer\"," \
	"\"expires_in\":600}"
#define TOKEN_AND_REFRESH \
	"{\"access_token\":\"tok$\",\"token_type\":\"Bearer\"," \
	"\"expires_in\":600,\"refresh_token\":\"re$\"}"
#define ERROR(code) "{\"error\":\"" code "\"}"

/* What it answers from now on, whatever was planned before. */
static inline void serve_with(struct endpoint_answer a)
{
	pthread_mutex_lock(&it.endpoint->lock);
	it.endpoint->n = it.endpoint->at = 0;
	pthread_mutex_unlock(&it.endpoint->lock);
	endpoint_plan(it.endpoint, a);
}

static inline void serve(int status, const char *body)
{
	serve_with((struct endpoint_answer){ .status = status, .body = body });
}

static inline void serve_late(int status, const char *body, int delay)
{
	serve_with((struct endpoint_answer){ .status = status, .body = body,
					     .delay = delay });
}

/* What it answers after that, once. */
static inline void then(int status, const char *body)
{
	endpoint_plan(it.endpoint, (struct endpoint_answer){
					   .status = status, .body = body });
}

/* How many requests it has had. */
static inline int asked(void)
{
	return atomic_load(&it.endpoint->requests);
}

/* Whether the last request holds these words. */
static inline bool asked_with(const char *words)
{
	return strstr(endpoint_seen(it.endpoint), words) != NULL;
}

/* --- the sessions --- */

static inline struct entry *entry(size_t service)
{
	return &it.broker->entries[service];
}

static inline struct session *session(size_t service)
{
	return &entry(service)->session;
}

static inline const struct snapshot *seen(size_t service)
{
	return session(service)->current;
}

static inline bool has_refresh(size_t service, const char *value)
{
	return value ? secret_eq_str(session(service)->refresh_token,
				     str_z(value)) :
		       !session(service)->refresh_token;
}

static inline bool has_token(size_t service, const char *value)
{
	struct token *t = session_token(session(service), now());

	return t && secret_eq_str(t->access_token, str_z(value));
}

/* A request of a worker waits. */
static inline void want(size_t service)
{
	broker_act(entry(service), session_asked(session(service), 0, now()));
}

/* The session gets this token, as if a request had brought it; the test's own
 * words for what it has before. */
static inline void give(size_t service, const char *access_token,
			const char *refresh_token, int64_t expires_in)
{
	struct token *t = token_of(access_token, expires_in, clock_wall_ms());
	struct session *s = session(service);
	struct fault f;

	if (refresh_token)
		t->refresh_token = secret_new(str_z(refresh_token));
	broker_act(entry(service), session_login_begins(s, now()));
	assert_int_equal(reply_store(entry(service), t, now(), NULL, &f), 0);
	token_unref(&t);
	UNTIL(!session_is_busy(s));
}

/* --- logins --- */

/* What was told of an attempt. */
struct told {
	int n;
	bool ended, good;
	char text[FAULT_TEXT_MAX], refusal[FAULT_TEXT_MAX];
	char address[LIMIT_LOGIN_ADDRESS], user_code[64], complete[512];
	int64_t expires;
};

static inline void on_news(void *arg, const struct login_news *news)
{
	struct told *t = arg;

	t->n++;
	assert_false(t->ended);
	t->ended = news->ended;
	t->good = news->good;
	if (news->refusal) {
		snprintf(t->refusal, sizeof(t->refusal), "%s", news->refusal);
		return;
	}
	if (t->ended) {
		snprintf(t->text, sizeof(t->text), "%s", news->text.text);
		return;
	}
	snprintf(t->address, sizeof(t->address), "%s", news->address);
	snprintf(t->user_code, sizeof(t->user_code), "%s",
		 news->user_code ? news->user_code : "");
	snprintf(t->complete, sizeof(t->complete), "%s",
		 news->address_complete ? news->address_complete : "");
	t->expires = news->expires;
}

/* Begins one, and waits until it is told where to go. */
static inline struct login *login(size_t service, enum login_way way,
				  struct told *t)
{
	struct fault f = { "" };
	struct login *l;

	memset(t, 0, sizeof(*t));
	l = login_begin(entry(service), way, on_news, t, &f);
	if (!l)
		print_error("%s\n", f.text);
	assert_non_null(l);
	assert_int_equal(t->n, 0);
	UNTIL(t->n > 0);
	return l;
}

/* What a browser was shown. */
struct shown {
	size_t service; /* whose login it opened */
	int n, status;
	char location[LIMIT_LOGIN_ADDRESS], cookie[1024], text[FAULT_TEXT_MAX];
	char user_code[64], uri[512];
};

static inline void on_reply(void *arg, struct login_reply *r)
{
	struct shown *s = arg;

	s->n++;
	s->status = r->status;
	snprintf(s->location, sizeof(s->location), "%s", buf_z(&r->location));
	snprintf(s->cookie, sizeof(s->cookie), "%s", buf_z(&r->cookie));
	snprintf(s->text, sizeof(s->text), "%s", r->text.text);
	snprintf(s->user_code, sizeof(s->user_code), "%s",
		 buf_z(&r->user_code));
	snprintf(s->uri, sizeof(s->uri), "%s", buf_z(&r->verification_uri));
}

/* A parameter of an address, decoded as far as the tests need it. */
static inline const char *part_of(const char *address, const char *name)
{
	static char part[1024];
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "?%s=", name);
	at = strstr(address, key);
	if (!at) {
		key[0] = '&';
		at = strstr(address, key);
	}
	if (!at)
		return NULL;
	snprintf(part, sizeof(part), "%.*s",
		 (int)strcspn(at + strlen(key), "&#"), at + strlen(key));
	return part;
}

/* Opens the login of a service in a browser at an address. */
static inline void open_login_from(size_t service, const char *ticket,
				   const char *from, struct shown *s)
{
	memset(s, 0, sizeof(*s));
	s->service = service;
	login_open(entry(service), str_z(ticket), str_z(from), on_reply, s);
}

static inline void open_login(size_t service, const char *ticket,
			      struct shown *s)
{
	open_login_from(service, ticket, "192.0.2.1", s);
}

/* "name=value" of the cookie that was set. */
static inline const char *cookie_of(const struct shown *s)
{
	static char cookie[256];

	snprintf(cookie, sizeof(cookie), "%.*s",
		 (int)strcspn(s->cookie, ";"), s->cookie);
	return cookie;
}

/* "state=…" of the address that a browser was sent to. */
static inline const char *state_of(const char *location)
{
	static char state[1100];
	const char *part = part_of(location, "state");

	assert_non_null(part);
	snprintf(state, sizeof(state), "state=%s", part);
	return state;
}

/* It comes back; p: the service that the path names, or NULL. */
static inline void come_back(struct entry *p, const char *cookies,
			     const char *parameters, struct shown *s)
{
	memset(s, 0, sizeof(*s));
	login_callback(it.broker, p, str_z(cookies), str_z(parameters),
		       on_reply, s);
}

/* The browser that was sent away comes back with a code. */
static inline void bring_code(const struct shown *opened, struct shown *back)
{
	char answer[1200];

	snprintf(answer, sizeof(answer), "code=the%%2Fcode&%s",
		 state_of(opened->location));
	come_back(entry(opened->service), cookie_of(opened), answer, back);
}

static inline size_t attempts(void)
{
	size_t n = 0;

	list_each(node, &it.broker->logins.all)
		n++;
	return n;
}

static inline const char *ticket_of(const struct told *t)
{
	static char ticket[128];

	snprintf(ticket, sizeof(ticket), "%.100s",
		 part_of(t->address, "ticket"));
	return ticket;
}

/* Whether this is answered at once, and changes nothing. */
static inline void assert_ignored(struct entry *p, const char *cookies,
			   const char *parameters)
{
	size_t before = attempts();
	struct shown s;

	come_back(p, cookies, parameters, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.status, 400);
	assert_int_not_equal(s.text[0], '\0');
	assert_string_equal(s.location, "");
	assert_string_equal(s.cookie, "");
	assert_int_equal(attempts(), before);
	assert_false(session_is_busy(session(WEB)));
	assert_int_equal(asked(), 0);
}
