/* SPDX-License-Identifier: MIT */
/* The keys of a session that are no single grant's or method's own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"
#include "config/table.h"

/* "Server", "Client" and "Request" of the manual. */
struct oauth_settings {
	char *grant_type;              /* as written; NULL: inferred */
	char *issuer;                  /* NULL: not known */
	char *metadata_url;            /* NULL: where issuer says */
	char *authorization_endpoint;
	char *token_endpoint;
	char *refresh_endpoint;        /* NULL: token_endpoint */
	char *device_authorization_endpoint;
	char *revocation_endpoint;
	char *introspection_endpoint;
	char *pushed_authorization_request_endpoint;
	char *jwks_uri;
	bool token_endpoint_stub;
	char *client_id;
	struct config_live_secret client_secret;
	char *token_endpoint_auth_method;
	int client_secret_basic_encoding; /* index of "form raw" */
	char *scope;                   /* as written, by spaces */
	char *scope_separator;         /* NULL: a space */
	char *audience;
	struct config_list resource;
	char *username;                /* NULL: none */
	bool dpop;                     /* RFC 9449 */
	char *token_placement;
	char *token_name;              /* NULL: the placement's */
	char *token_format;            /* NULL: the placement's */
};

extern const struct config_table oauth_settings_table;

/* Appends the scope as it is asked for; nothing where none is. */
void oauth_scope_write(const struct oauth_settings *o, struct buf *out);
/* Whether the scope that is asked for has this value. */
bool oauth_scope_holds(const struct oauth_settings *o, struct str value);
