/* SPDX-License-Identifier: MIT */
/* The keys that several client authentication methods have in common. */
#pragma once

#include "config/table.h"

struct client_auth_settings {
	char *signing_alg;  /* NULL: the method's, or the key's */
	char *private_key;  /* a file */
	char *key_id;
	char *certificate;  /* a file */
	struct config_live_secret assertion;
	char *assertion_audience;
	struct config_list header, claims; /* of an assertion that is made */
};

extern const struct config_table client_auth_settings_table;
