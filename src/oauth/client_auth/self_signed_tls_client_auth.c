/* SPDX-License-Identifier: MIT */
/* self_signed_tls_client_auth (RFC 8705 §2.2): the client shows a certificate
 * that the server knows itself. */
#include "oauth/client_auth/client_auth.h"

#include "oauth/client_auth/settings.h"

const struct client_auth client_auth_self_signed_tls_client_auth = {
	.name = "self_signed_tls_client_auth",
	.table = &client_auth_settings_table,
	.keys = "client_certificate client_private_key",
	.shows_certificate = true,
	.check = client_auth_check_certificate,
	.apply = client_auth_apply_id,
};
