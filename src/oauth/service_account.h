/* SPDX-License-Identifier: MIT */
/* The file that Google gives for a service account: everything that an
 * assertion of it needs. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "crypto/key.h"

/* Zeroed is valid and empty. */
struct service_account {
	char *client_email;   /* who it is: issuer */
	char *token_uri;      /* the token endpoint, and the audience */
	char *private_key_id; /* NULL where it has none */
	struct key *key;      /* NULL where it was not asked for */
};

/* Reads the file. with_key: its private_key is needed. -1 with a fault that
 * names the file and says what is missing or of the wrong type, and quotes
 * nothing of it. */
ATTR_MUST_CHECK int service_account_load(struct service_account *out,
					 const char *path, bool with_key,
					 struct fault *f);
void service_account_fini(struct service_account *a);
