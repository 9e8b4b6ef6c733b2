/* SPDX-License-Identifier: MIT */
/* Sessions whose token is exchanged for that of a subject (RFC 8693): what was
 * exchanged ends with the login that it came from. */
#pragma once

#include <stdbool.h>

#include "session/session.h"

struct broker;
struct entry;

/* The login_id (session.h) of the subject whose token the entry exchanges, as
 * it is now. False: it has none, or it is not known. */
bool subject_login(const struct entry *e, char out[LOGIN_ID_SIZE]);
/* The login of a session has ended or begun: what others have exchanged its
 * token for, and what was exchanged for that, goes where it is not of this
 * login. */
void subject_disown_exchanged(struct entry *of);
/* The same of one session, whoever its subject is. */
void subject_disown_strange(struct entry *e);
/* Whether what has come (NULL: nothing) was disowned meanwhile: then it is
 * revoked, and the request made anew. */
bool subject_drops(struct entry *e, struct token *t);
/* Looks now and then whom the files of subjects speak of. */
void subject_watch(struct broker *b);
