/* SPDX-License-Identifier: MIT */
/* Notes which login a session's tokens come from. A token that was exchanged
 * for another session's is noted with that session's login, so that it can
 * be seen when that login has ended, also after a restart, and through any
 * number of exchanges. */
#include "session/session_int.h"

#include <stdio.h>
#include <string.h>

#include "crypto/random.h"

enum { LOGIN_ID_RANDOM = (LOGIN_ID_SIZE - 1) / 2 }; /* octets */

static void write_id(char out[LOGIN_ID_SIZE], const unsigned char *octets)
{
	for (size_t i = 0; i < LOGIN_ID_RANDOM; i++)
		snprintf(&out[2 * i], 3, "%02x", octets[i]);
}

void session_login_id_of(char out[LOGIN_ID_SIZE], struct str text)
{
	unsigned char digest[DIGEST_SHA256_SIZE];

	digest_sha256(text, digest);
	write_id(out, digest);
}

static void make_id(char out[LOGIN_ID_SIZE])
{
	unsigned char random[LOGIN_ID_RANDOM];

	random_fill(random, sizeof(random));
	write_id(out, random);
}

void session_asks_as(struct session *s, const char *login_id)
{
	if (!login_id)
		login_id = s->login_id;
	if (login_id[0])
		snprintf(s->asked_login_id, LOGIN_ID_SIZE, "%s", login_id);
	else
		make_id(s->asked_login_id);
}

void session_restore_login_id(struct session *s, const char *login_id)
{
	if (login_id && strlen(login_id) < LOGIN_ID_SIZE)
		memcpy(s->login_id, login_id, strlen(login_id) + 1);
	else
		make_id(s->login_id);
}

/* Another scope, or a key of the login's own (RFC 9449), is another one's
 * refresh token. */
void session_login_as(struct session *s,
		      const struct id_token_subject *subject)
{
	const struct id_token_subject *before = &s->subject;

	s->keeps_refresh = subject && subject->iss && subject->sub &&
			   before->iss && before->sub && s->refresh_token &&
			   strcmp(subject->iss, before->iss) == 0 &&
			   strcmp(subject->sub, before->sub) == 0 &&
			   !s->refused_refresh && !s->last_is_other &&
			   !s->service->dpop;
}

bool session_is_of(const struct session *s, const char *login_id)
{
	return (!s->token && !s->refresh_token) ||
	       (login_id[0] && strcmp(s->login_id, login_id) == 0);
}
