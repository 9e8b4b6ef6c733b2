/* SPDX-License-Identifier: MIT */
/* What the files of a session share; not for others. */
#pragma once

#include "session/session.h"

/* Whether a new token can be had without a person. */
bool session_is_renewable(const struct session *s);
bool session_is_usable(const struct session *s, int64_t now);
/* The login's key, where it had one, is the session's from now on. */
void session_take_key(struct session *s);
/* As it was stored; NULL: it was not. */
void session_restore_login_id(struct session *s, const char *login_id);
/* What is used of the refresh token's life that t, which was sent at that
 * time, tells. Called before s->refresh_token changes; begins: it is a login's,
 * or the grant's own. */
void session_take_end(struct session *s, const struct token *t, int64_t sent,
		      bool begins);
/* As it was stored; now and wall are the same instant. */
void session_restore_end(struct session *s, const struct record *r, int64_t now,
			 int64_t wall);
/* When it is to be renewed though nobody uses it; INT64_MAX: not. */
int64_t session_idle_due(const struct session *s);
/* Drops its tokens, whatever it is busy with, and what was told of them. */
void session_drop(struct session *s);
/* A token request begins. */
unsigned session_start(struct session *s);
/* Nothing is asked any more until a person logs in: why says what there is
 * not. */
void session_lapse(struct session *s, const char *why);
/* Nothing is asked any more until the next start. */
void session_give_up(struct session *s, const struct fault *text);
