/* SPDX-License-Identifier: MIT */
/* ID tokens (OpenID Connect Core §2): who logged in, as the server signs it,
 * and whether that can be believed (§3.1.3.7, §3.2.2.11, §3.3.2.12, §12.2). No
 * I/O: the keys are brought. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"
#include "crypto/jwk_set.h"
#include "oauth/grant/grant.h"

/* --- its keys --- */

struct id_token_settings {
	int id_token;               /* index of its words, where it is given */
	char *signed_response_alg;  /* NULL: what the metadata says */
	struct config_list audience;      /* others that it may be for too */
	struct config_list require_claim; /* "NAME=VALUE" */
};

extern const struct config_table id_token_table;

/* Whether what comes is verified, and a first token without one refused. */
bool id_token_is_verified(const struct config_section *s,
			  const struct grant *g);
/* Checks these keys. */
ATTR_MUST_CHECK int id_token_check(const struct config_section *s,
				   const struct grant *g, const char **key,
				   struct fault *f);

/* --- what it says --- */

/* Who has logged in, to be held against what comes later. Zeroed: nobody. */
struct id_token_subject {
	char *iss, *sub;
	struct secret *nonce; /* of the login; NULL: it had none */
};

/* to: zeroed, or one that is freed first; it may be from. */
void id_token_subject_copy(struct id_token_subject *to,
			   const struct id_token_subject *from);
/* Zeroes it. */
void id_token_subject_fini(struct id_token_subject *s);

/* What it is held against; all borrowed. */
struct id_token_rules {
	const struct config_section *section;
	const char *issuer;          /* NULL: not known, and none is good */
	const char *const *algs;     /* id_token_signing_alg_values_supported */
	size_t nalgs;                /* NULL and 0: the metadata, if there is
					any, names none */
	const struct jwk_set *keys;  /* NULL: not fetched yet */
	int64_t now;                 /* s since the epoch */
	const struct secret *nonce;  /* what was sent; NULL: none */
	int64_t max_age;             /* s, what was asked for; -1: nothing */
	/* What came with it; NULL: none. A hash of it that the token has must
	 * be right, and where it is due the token must have it. */
	const struct secret *access_token, *code;
	bool at_hash_due, c_hash_due;
	/* Who it must be; NULL, or zeroed: anybody. */
	const struct id_token_subject *before;
	bool refresh;                /* it came with a refresh (§12.2), or with
					what was got before */
};

enum id_token_verdict {
	ID_TOKEN_BAD = -1,
	ID_TOKEN_GOOD = 0,
	ID_TOKEN_UNKNOWN_KEY = 1, /* none of the keys is the one: newer ones
				     may have it */
	ID_TOKEN_OVER = 2, /* it has expired, and all else of it is good */
};

/* Whether the token (its compact form) is what the rules say: then *out is
 * filled, for id_token_subject_fini. Else the fault names the check that
 * failed, and says what to do; *out is zeroed. Neither nested nor encrypted
 * tokens are taken. The algorithm is the section's or one that the metadata
 * names, never the token's own choice; keys that it brings along count for
 * nothing. */
ATTR_MUST_CHECK enum id_token_verdict
id_token_verify(const struct id_token_rules *r, struct str token,
		struct id_token_subject *out, struct fault *f);
