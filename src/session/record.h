/* SPDX-License-Identifier: MIT */
/* What of a session outlives the process, as text for the store. It is written
 * whole each time, so that no crash can leave a part of one with a part of
 * another. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/key.h"
#include "oauth/login/id_token.h"
#include "oauth/token/token.h"

struct record {
	struct token *token;          /* NULL: none */
	struct secret *refresh_token; /* NULL: none, or it was refused */
	char *seed;   /* digest of the refresh token that the configuration
			 named when it was written; NULL: it named none */
	char *request_digest; /* the service's, of that time; never NULL once
				 read */
	struct id_token_subject subject; /* whose it is; zeroed: not known */
	char *login_id;	 /* of the session's; NULL: it had none */
	int64_t refresh_given; /* when refresh_token was, ms, epoch; 0: not
				  known */
	int64_t refresh_life;  /* ms, as the server said; 0: it did not */
	struct key *key; /* that both tokens are bound to (RFC 9449); NULL:
			    they are to none */
	bool noted; /* refresh_token was about to be sent, and what came of it
		       is not known */
};

/* out is a secret buffer. */
void record_write(const struct record *r, struct buf *out);
/* Fills *out, to be freed by record_fini also where it returns -1. Faults hold
 * no value of it. */
ATTR_MUST_CHECK int record_parse(struct str text, struct record *out,
				 struct fault *f);
void record_fini(struct record *r);
