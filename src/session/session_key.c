/* SPDX-License-Identifier: MIT */
/* Holds the key that a session's tokens are bound to (RFC 9449). Access token
 * and refresh token go together, and so there is one key for both: it stays as
 * long as they are renewed, and a login, which replaces both, brings its
 * own. */
#include "session/session_int.h"

#include "base/assert.h"

struct key *session_key(struct session *s)
{
	if (!s->service->dpop)
		return NULL;
	if (!s->key)
		s->key = key_generate_p256();
	return s->key;
}

void session_login_key(struct session *s, struct key *key)
{
	ASSERT(s->work == SESSION_LOGS_IN && !s->arrived);
	key_unref(&s->arrived_key);
	s->arrived_key = key_ref(key);
}

void session_take_key(struct session *s)
{
	if (!s->arrived_key)
		return;
	key_unref(&s->key);
	s->key = s->arrived_key;
	s->arrived_key = NULL;
}
