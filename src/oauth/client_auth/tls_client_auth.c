/* SPDX-License-Identifier: MIT */
/* tls_client_auth (RFC 8705 §2.1): the client shows a certificate of an
 * authority that the server trusts. */
#include "oauth/client_auth/client_auth.h"

#include "oauth/client_auth/settings.h"

const struct client_auth client_auth_tls_client_auth = {
	.name = "tls_client_auth",
	.table = &client_auth_settings_table,
	.keys = "client_certificate client_private_key",
	.shows_certificate = true,
	.check = client_auth_check_certificate,
	.apply = client_auth_apply_id,
};
