/* SPDX-License-Identifier: MIT */
/* The configuration, compiled: what each service is, ready for use by all
 * threads. Immutable once built. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/ownership.h"
#include "config/config.h"
#include "oauth/client_auth/client_auth.h"
#include "oauth/compliance/compliance.h"
#include "oauth/grant/grant.h"
#include "oauth/hook/hook.h"
#include "oauth/login/id_token.h"
#include "oauth/placement/placement.h"
#include "oauth/placement/protected_request.h"
#include "service/access.h"
#include "upstream/endpoint.h"
#include "upstream/tls.h"
#include "upstream/transfer.h"
#include "upstream/transport.h"

struct endpoints;
struct route_match;
struct upstream_template;

/* [proxy] */
enum { UNMATCHED_DENY, UNMATCHED_FORWARD };
struct proxy_settings {
	struct config_list listen;
	char *workers;                    /* "auto" or a count, 1 to 256 */
	struct secret *store;             /* NULL: the default */
	struct config_list store_key_file;
	char *control;                    /* NULL: the default */
	int unmatched;                    /* UNMATCHED_… */
	struct config_cidrs forward_to;   /* beyond public addresses */
	struct config_cidrs allow_from;
	struct config_list own_names;
	char *external_url;
	uint64_t max_connections;         /* of clients, of all workers */
	uint64_t max_header_size;         /* octets */
	int64_t header_timeout, keepalive_timeout, drain_timeout; /* ms */
	struct config_list notify;        /* a program; n is 0: none */
	char *notify_url;
	int log_level;                    /* enum log_level */
	bool strict_modes;
	struct config_list include;       /* the reader's; for the manual */
	struct config_list provider_dir;  /* the reader's too */
};

/* "Route" of [service NAME] */
struct route_settings {
	char *provider;                 /* the reader has taken its keys */
	char *upstream;
	struct config_list upstream_hosts; /* globs, of a template's */
	char *session;                  /* another service's; NULL: its own */
	struct config_list match;
	char *path;
	bool allow_plain_upstream;
	struct config_list allow, deny; /* METHOD[,METHOD] /path/glob */
	struct config_list allow_origin;
	int64_t connect_timeout, response_timeout, idle_timeout; /* ms */
	int64_t tunnel_idle_timeout; /* ms */
	uint64_t max_body;              /* octets; 0: unlimited */
	uint64_t max_upstream_connections; /* of all workers; 0: unlimited */
	int http_version;               /* enum transport_http */
	int carrier;                    /* enum transport_carrier */
	char *upstream_ca;
	int tls_profile;                /* enum tls_profile */
	char *upstream_certificate, *upstream_private_key; /* PEM files */
	struct secret *upstream_proxy;  /* a URL, or NULL */
};

/* "Tokens" of [service NAME] */
enum { EXISTING_REPLACE, EXISTING_KEEP, EXISTING_REJECT };
enum { REPLAY_SAFE, REPLAY_NEVER };
enum { LOGOUT_BOTH, LOGOUT_REFRESH_TOKEN, LOGOUT_ACCESS_TOKEN };
struct token_settings {
	int64_t refresh_leeway;     /* ms */
	int64_t default_expires_in; /* ms; 0: none */
	int64_t renew_idle;         /* ms; 0: not given; -1: no */
	int64_t default_refresh_expires_in; /* ms; 0: none */
	int64_t login_warning;      /* ms */
	int64_t token_timeout;      /* ms */
	uint64_t max_waiting;
	struct config_numbers refresh_status;
	struct config_list refresh_if; /* "NAME=VALUE" */
	int replay;
	uint64_t replay_body;       /* octets */
	int existing_credential;
	int logout_tokens;
};

extern const struct config_table proxy_settings_table, route_settings_table,
	token_settings_table;

struct service {
	size_t index;         /* in services.v */
	const char *name;
	const struct config_section *section;
	const struct route_settings *route;
	const struct token_settings *tokens;
	const struct oauth_settings *oauth;

	struct origin upstream;  /* where the service has the key */
	bool has_upstream;
	char *base_path;         /* "" or "/…" without a final slash */
	char *path;              /* "/NAME/": with both slashes */
	struct route_match *matches; /* service/match.h */
	size_t nmatches;
	struct route_match *stub; /* the token endpoint's, where that is
				    answered here; NULL */
	struct access *access;   /* NULL: all is let through */
	struct trust *trust;     /* of upstream and token endpoint; NULL where
				    neither has TLS */
	struct transport *transport; /* of upstream */
	struct transport *token_transport; /* of token endpoint: with the same
				    CAs and proxy, and nothing else of it but
				    a client_certificate */

	const struct grant *grant;
	const struct client_auth *auth;   /* NULL where the grant has no
					     client */
	struct placement_spec placement;
	struct protected_request protected_request;
	struct compliance *compliance;    /* NULL: the server needs none */
	struct hook *hook;                /* NULL: it has none */
	void *grant_state, *auth_state;   /* what these rows prepared */
	struct endpoints *endpoints;      /* those of the keys; never NULL */
	bool dpop;                        /* its tokens are asked for with
					     proofs of a key */
	bool warns_as_given;              /* login_warning stands in the file,
					     and is no default */
	const struct service *session_of; /* whose session it uses: mostly its
					     own */
	const struct config_section *session_section; /* the keys of that */
	struct upstream_template *upstream_template; /* NULL: none */
	const struct service *subject;    /* whose token it exchanges; NULL:
					     no session's */
	char *identity;  /* the session's, for the store: a digest of grant,
			    token endpoint, client_id, scope and what else
			    service/identity.c names; free of secrets */
	char *metadata_id; /* under which its issuer's metadata is stored, and
			    shared by those with whom it can be; NULL: it has
			    no issuer */
	char *request_digest; /* of what its tokens are asked for: a stored
				 token that was asked for otherwise is not
				 used */
};

struct services {
	struct config *config;
	struct ownership ownership; /* whose files are believed */
	const struct proxy_settings *proxy;
	struct service **v;
	size_t n;
	size_t workers;           /* resolved */
	struct listen_spec *listening; /* each `listen`, in their order */
	size_t nlistening;
	struct routes *routes;
	char **own_names;         /* normalized, external_url's host too */
	size_t nown_names;
	struct endpoint notify_url;         /* its url NULL: none */
	struct transport *notify_transport; /* of that */
};

/* Reads and compiles the file and checks its meaning; everything wrong is in
 * the report, and NULL is returned where there was anything. */
ATTR_MUST_CHECK struct services *services_load(const char *path,
					       struct config_report *report);
/* The same with masks in place of the services' secrets (config/mask.h), for
 * preview/preview.h: nothing may be sent that is made of them. */
ATTR_MUST_CHECK struct services *
services_load_masked(const char *path, struct config_report *report);
void services_free(struct services **s);
