/* SPDX-License-Identifier: MIT */
/* A session's state and what it does when somebody asks, when time passes, when
 * the token endpoint has answered, and when the upstream refuses: the broker's
 * side of the acquire step. */
#include "session/session_int.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "session/decision.h"

bool session_is_renewable(const struct session *s)
{
	const struct grant *g = s->service->grant;

	if (g->person)
		return s->refresh_token != NULL;
	return g->request || grant_makes(g, s->service->section);
}

bool session_is_stored(const struct session *s)
{
	return !s->service->grant->make;
}

bool session_is_usable(const struct session *s, int64_t now)
{
	return s->token && !s->spent && now < s->life.expires;
}

/* A token that is bound to a key is of no use without it. */
static struct token_use *use_of(const struct session *s, struct token *t,
				const struct key *key, struct fault *f)
{
	const struct service *service = s->service;

	if (!token_is_bound(t) || (key && service->dpop))
		return token_use_new(service, t, f);
	fault_set(f, "[service %s]: %s", service->name,
		  service->dpop ?
			  "the token is bound to a key that is not there" :
			  "token_type is DPoP: the token is of use only with "
			  "dpop = yes");
	return NULL;
}

/* t and use are taken over. */
static void become(struct session *s, struct token *t, struct token_use *use,
		   struct refresh_life life)
{
	token_unref(&s->token);
	token_use_unref(&s->use);
	token_unref(&s->last);
	s->last = token_ref(t);
	s->last_is_other = false;
	s->token = t;
	s->use = use;
	s->life = life;
	s->generation++;
	s->used = false;
	s->spent = false;
}

static struct refresh_life life_of(const struct session *s,
				   const struct token *t, int64_t sent)
{
	const struct token_settings *set = s->service->tokens;

	return refresh_life(
		sent, refresh_life_of(t->expires_in, set->default_expires_in),
		set->refresh_leeway);
}

/* --- its first state --- */

static void init_fixed(struct session *s, struct token *t)
{
	struct fault f;
	struct token_use *use = use_of(s, t, NULL, &f);

	session_login_id_of(s->login_id, secret_expose(t->access_token));
	if (use) {
		become(s, t, use, refresh_life(0, 0, 0));
		return;
	}
	session_give_up(s, &f);
	token_unref(&t);
}

static void digest_of(const struct secret *seed, char *out)
{
	unsigned char digest[DIGEST_SHA256_SIZE];

	digest_sha256(secret_expose(seed), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(&out[2 * i], 3, "%02x", digest[i]);
}

/* What is stored says by its digest which refresh token it came from; NULL: a
 * program is to print it. It is taken over. */
static void init_seed(struct session *s, struct secret *seed)
{
	if (seed)
		digest_of(seed, s->seed);
	s->refresh_token = seed;
}

void session_init(struct session *s, const struct service *service, int64_t now)
{
	const struct grant *g = service->grant;
	struct token *t = g->fixed ? g->fixed(service->section) : NULL;

	memset(s, 0, sizeof(*s));
	s->service = service;
	s->life = refresh_life(0, 0, 0);
	s->end.renewed = now;
	if (t)
		init_fixed(s, t);
	if (g->seed)
		init_seed(s, g->seed(service->section));
	if (g->person)
		session_lapse(s, "nobody has logged in yet");
	session_publish(s, now);
}

/* Another token stands in the file. */
static bool replace_fixed(struct session *s)
{
	const struct service *service = s->service;
	struct token *t = service->grant->fixed(service->section);
	struct token_use *use = NULL;

	if (t && (!s->token ||
		  !secret_eq(t->access_token, s->token->access_token)))
		use = use_of(s, t, NULL, NULL);
	if (!use) {
		token_unref(&t);
		return false;
	}
	session_login_id_of(s->login_id, secret_expose(t->access_token));
	become(s, t, use, refresh_life(0, 0, 0));
	return true;
}

/* Another refresh token does: all that came of the old one is of no use. */
static bool replace_seed(struct session *s)
{
	const struct service *service = s->service;
	struct secret *seed = service->grant->seed(service->section);
	char digest[sizeof(s->seed)];

	if (seed)
		digest_of(seed, digest);
	if (!seed || strcmp(digest, s->seed) == 0) {
		secret_unref(&seed);
		return false;
	}
	session_drop(s);
	init_seed(s, seed);
	return true;
}

/* What its place makes of the token may hold another secret too. */
static void replace_use(struct session *s)
{
	struct token_use *use =
		s->token ? use_of(s, s->token, s->key, NULL) : NULL;

	if (!use)
		return;
	token_use_unref(&s->use);
	s->use = use;
}

unsigned session_secrets_changed(struct session *s)
{
	const struct grant *g = s->service->grant;
	bool is_new = false;

	ASSERT(!session_is_busy(s));
	if (g->fixed && (!g->makes || !g->makes(s->service->section)))
		is_new = replace_fixed(s);
	else if (g->seed)
		is_new = replace_seed(s);
	if (!is_new)
		replace_use(s);
	if (s->failure.waits && !is_new)
		return SESSION_PUBLISH;
	s->failure = (struct session_failure){ 0 };
	s->refused = 0;
	refresh_pause_end(&s->pause);
	return SESSION_PUBLISH;
}

void session_fini(struct session *s)
{
	snapshot_unref(&s->current);
	token_unref(&s->last);
	token_unref(&s->token);
	token_use_unref(&s->use);
	secret_unref(&s->refresh_token);
	token_unref(&s->arrived);
	token_use_unref(&s->arrived_use);
	key_unref(&s->key);
	key_unref(&s->arrived_key);
	id_token_subject_fini(&s->subject);
}

static void restore_token(struct session *s, struct token *t, int64_t now,
			  int64_t wall)
{
	int64_t sent = t->sent_wall > 0 ? t->sent_wall : 0;
	int64_t age = wall > sent ? wall - sent : 0;
	struct refresh_life life = life_of(s, t, now - age);
	struct token_use *use = NULL;

	if (life.expires > now)
		use = use_of(s, t, s->key, NULL);
	if (use)
		become(s, token_ref(t), use, life);
}

/* What a login brought, before the last start. */
static void restore_login(struct session *s)
{
	s->known = true;
	if (!s->refresh_token && !s->token) {
		session_lapse(s, "its login is over");
		return;
	}
	s->failure = (struct session_failure){ 0 };
	refresh_pause_end(&s->pause);
}

void session_restore(struct session *s, const struct record *r, int64_t now,
		     int64_t wall)
{
	bool seeded = s->seed[0] != '\0';
	struct fault text;

	if (seeded && (!r->seed || strcmp(r->seed, s->seed) != 0))
		return;
	secret_unref(&s->refresh_token);
	s->refresh_token = secret_ref(r->refresh_token);
	s->noted = s->lost = r->noted && r->refresh_token;
	id_token_subject_copy(&s->subject, &r->subject);
	session_restore_login_id(s, r->login_id);
	key_unref(&s->key);
	s->key = key_ref(r->key);
	session_restore_end(s, r, now, wall);
	token_unref(&s->last);
	s->last = token_ref(r->token);
	s->last_is_other =
		strcmp(r->request_digest, s->service->request_digest) != 0;
	if (r->token && !s->last_is_other)
		restore_token(s, r->token, now, wall);
	if (s->service->grant->person)
		restore_login(s);
	if (seeded && !s->refresh_token) {
		fault_set(&text,
			  "[service %s]: its refresh token was refused "
			  "(invalid_grant), or revoked by logout, before the "
			  "last start; %s",
			  s->service->name, s->service->grant->remedy);
		session_give_up(s, &text);
	}
	session_publish(s, now);
}

void session_record(const struct session *s, struct record *out)
{
	struct token *t = s->arrived ? s->arrived : s->token;

	if (!t && !s->last_is_other)
		t = s->last;
	*out = (struct record){ .token = token_ref(t) };
	out->refresh_token = secret_ref(s->refresh_token);
	out->seed = s->seed[0] ? mem_strdup(s->seed) : NULL;
	out->request_digest = mem_strdup(s->service->request_digest);
	id_token_subject_copy(&out->subject, &s->subject);
	out->login_id =
		mem_strdup(s->arrived ? s->asked_login_id : s->login_id);
	out->key = key_ref(s->arrived_key ? s->arrived_key : s->key);
	out->noted = s->noted;
	out->refresh_given = s->refresh_token ? s->end.given_wall : 0;
	out->refresh_life = s->refresh_token ? s->end.life : 0;
}

/* --- what the workers see --- */

static enum session_state state_of(const struct session *s)
{
	if (s->failure.status != 0)
		return s->failure.waits ? SESSION_WAITING_FOR_LOGIN
					: SESSION_FAILING;
	if (s->work == SESSION_LOGS_IN)
		return SESSION_RENEWING;
	if (!s->token)
		return session_is_renewable(s) ? SESSION_IDLE : SESSION_READY;
	return session_is_busy(s) ? SESSION_RENEWING : SESSION_READY;
}

/* Uses of the token that the last snapshot has seen. */
static void gather_use(struct session *s)
{
	if (s->current && s->current->generation == s->generation &&
	    atomic_load_explicit(&s->current->used, memory_order_relaxed))
		s->used = true;
}

struct snapshot *session_publish(struct session *s, int64_t now)
{
	struct snapshot *new = snapshot_new(s->service->index);

	gather_use(s);
	new->state = state_of(s);
	new->generation = s->generation;
	new->token = token_ref(s->token);
	new->use = token_use_ref(s->use);
	if (s->token && token_is_bound(s->token))
		new->key = key_ref(s->key);
	new->expires = s->life.expires;
	new->renew_at = s->life.renew_at;
	new->failure = s->failure;
	new->hold_until = s->hold.until;
	new->probation = s->hold.probation;
	new->spent = s->spent;
	new->renewable = session_is_renewable(s);
	new->known = s->known;
	new->failures = s->failures;
	new->login_warns = session_warns_at(s);
	new->made = now;
	snapshot_unref(&s->current);
	s->current = new;
	return new;
}

/* --- asking --- */

struct secret *session_asks_with(const struct session *s)
{
	return s->bypass ? NULL : s->refresh_token;
}

unsigned session_start(struct session *s)
{
	s->work = SESSION_RENEWS;
	s->second = s->bypass = false;
	s->second_at = 0;
	return s->token && s->failure.status == 0
		       ? SESSION_START | SESSION_PUBLISH
		       : SESSION_START;
}

/* The token of a person's session is over, and there is no refresh token. */
static unsigned run_out(struct session *s)
{
	session_lapse(s,
		      "its token has expired, and the server gave no refresh "
		      "token");
	return SESSION_PUBLISH;
}

unsigned session_asked(struct session *s, uint64_t refused, int64_t now)
{
	unsigned what = 0;

	if (decision_of(s->current, refused, now) != DECISION_WAITS)
		return 0; /* the view has the answer, or it is on its way */
	if (refused != 0 && refused == s->generation && !s->spent) {
		s->spent = true;
		what = SESSION_PUBLISH;
	}
	if (session_is_busy(s))
		return what;
	return session_is_renewable(s) ? what | session_start(s) : run_out(s);
}

/* When a renewal in the background is due: one that has failed (it may have
 * been for a refusal) is tried again after the pause. */
static int64_t renewal_due(const struct session *s)
{
	if (s->failure.status != 0 || s->life.renew_at < s->pause.until)
		return s->pause.until;
	return s->life.renew_at;
}

/* A renewal for nobody's use (renew_idle). */
static unsigned renew_idle(struct session *s, int64_t now)
{
	if (session_is_busy(s) || now < session_idle_due(s))
		return 0;
	s->end.tried = now;
	return session_start(s);
}

/* A renewal in the background, if it is time and the token is in use, or the
 * answer to the last one was lost. */
static unsigned renew(struct session *s, int64_t now)
{
	gather_use(s);
	if (session_is_busy(s) || !session_is_renewable(s))
		return 0;
	if (s->noted)
		return now < s->pause.until ? 0 : session_start(s);
	if (!s->used || !session_is_usable(s, now) || now < renewal_due(s))
		return 0;
	return session_start(s);
}

unsigned session_used(struct session *s, uint64_t generation, int64_t now)
{
	if (generation != s->generation)
		return 0;
	s->used = true;
	return renew(s, now);
}

/* Whether its end is to be told when the token's life is over. */
static bool runs_out(const struct session *s)
{
	return s->service->grant->person && s->token &&
	       s->failure.status == 0 && !session_is_renewable(s);
}

unsigned session_tick(struct session *s, int64_t now)
{
	unsigned what = 0;

	if (!session_is_busy(s) && runs_out(s) && now >= s->life.expires)
		return run_out(s);
	if (!s->end.told && now >= session_warns_at(s)) {
		s->end.told = true;
		what = SESSION_PUBLISH;
	}
	if (!session_is_busy(s))
		what |= renew(s, now);
	if (!session_is_busy(s))
		what |= renew_idle(s, now);
	if (what != 0 || !session_is_busy(s))
		return what;
	if (s->second_at == 0 || now < s->second_at)
		return 0;
	s->second_at = 0;
	return SESSION_START;
}

/* Of a renewal for what is in use. Once its time has passed without a use, the
 * next use is what counts. */
static int64_t used_due(const struct session *s, int64_t now)
{
	int64_t due = renewal_due(s);

	if (runs_out(s))
		return s->life.expires;
	if (s->noted && session_is_renewable(s))
		return s->pause.until > now ? s->pause.until : now;
	if (!session_is_usable(s, now) || !session_is_renewable(s) ||
	    due >= s->life.expires || (due <= now && !s->used))
		return INT64_MAX;
	return due;
}

unsigned session_note(struct session *s)
{
	ASSERT(session_is_busy(s));
	if (s->noted || s->work == SESSION_LOGS_IN || !session_asks_with(s))
		return 0;
	s->noted = true;
	return SESSION_SAVE;
}

int64_t session_due(const struct session *s, int64_t now)
{
	int64_t due, other;

	if (session_is_busy(s))
		return s->second_at != 0 ? s->second_at : INT64_MAX;
	due = used_due(s, now);
	other = session_idle_due(s);
	if (other < due)
		due = other;
	other = s->end.told ? INT64_MAX : session_warns_at(s);
	return other < due ? other : due;
}

/* --- the answer --- */

/* A reference: what is used of what came. A login, or a grant that starts
 * again, begins with nothing. */
static struct token *complete(const struct session *s, struct token *t)
{
	bool refresh = s->work != SESSION_LOGS_IN && session_asks_with(s);

	return refresh && s->last ? token_refreshed(t, s->last) : token_ref(t);
}

static int arrived(struct session *s, struct token *t, int64_t sent,
		   struct fault *f)
{
	const struct key *key = s->arrived_key ? s->arrived_key : s->key;
	struct token_use *use = use_of(s, t, key, f);
	bool begins;

	if (s->work == SESSION_LOGS_IN && !use)
		return -1;
	begins = (s->work == SESSION_LOGS_IN && !s->keeps_refresh) || s->bypass;
	session_take_end(s, t, sent, begins);
	if (t->refresh_token || begins) {
		secret_unref(&s->refresh_token);
		s->refresh_token = secret_ref(t->refresh_token);
		s->refused_refresh = false;
	}
	if (s->work != SESSION_LOGS_IN || t->refresh_token || begins)
		s->lost = s->noted = false;
	if (!use) {
		/* The next request is made with its refresh token. */
		if (t->refresh_token)
			memcpy(s->login_id, s->asked_login_id, LOGIN_ID_SIZE);
		return -1;
	}
	s->arrived_use = use;
	s->arrived = token_ref(t);
	s->arrived_sent = sent;
	return 0;
}

int session_arrived(struct session *s, struct token *t, int64_t sent,
		    struct fault *f)
{
	struct token *whole = complete(s, t);
	int rc;

	ASSERT(session_is_busy(s) && !s->arrived);
	rc = arrived(s, whole, sent, f);
	token_unref(&whole);
	return rc;
}

unsigned session_rotated(struct session *s, const struct token *t)
{
	bool was_noted = s->noted;

	if (t->refresh_token) {
		secret_unref(&s->refresh_token);
		s->refresh_token = secret_ref(t->refresh_token);
		s->refused_refresh = false;
	}
	s->lost = s->noted = false;
	return t->refresh_token || was_noted ? SESSION_SAVE : 0;
}

void session_identify(struct session *s,
		      const struct id_token_subject *subject)
{
	static const struct id_token_subject nobody = { NULL, NULL, NULL };

	if (!subject && s->work == SESSION_LOGS_IN)
		subject = &nobody;
	if (subject)
		id_token_subject_copy(&s->subject, subject);
}

unsigned session_obtained(struct session *s, int64_t now)
{
	struct refresh_life life = life_of(s, s->arrived, s->arrived_sent);

	ASSERT(session_is_busy(s) && s->arrived);
	if (life.expires <= now)
		life.expires = now + 1; /* good for those who wait for it */
	become(s, s->arrived, s->arrived_use, life);
	s->arrived = NULL;
	s->arrived_use = NULL;
	session_take_key(s);
	memcpy(s->login_id, s->asked_login_id, LOGIN_ID_SIZE);
	s->known = s->known || s->work == SESSION_LOGS_IN;
	s->work = SESSION_RESTS;
	s->bypass = false;
	s->failure = (struct session_failure){ 0 };
	s->refused = 0;
	refresh_pause_end(&s->pause);
	return SESSION_PUBLISH;
}

unsigned session_held(struct session *s, uint64_t generation, int64_t now)
{
	if (generation != s->generation || !session_is_renewable(s))
		return 0;
	return refresh_hold_begin(&s->hold, now) ? SESSION_PUBLISH : 0;
}

unsigned session_passed(struct session *s, uint64_t generation, int64_t now)
{
	if (generation != s->generation)
		return 0;
	return refresh_hold_accepted(&s->hold, now) ? SESSION_PUBLISH : 0;
}
