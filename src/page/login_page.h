/* SPDX-License-Identifier: MIT */
/* Where people log in, and where they come back to (bearerd(8), Pages). */
#pragma once

#include "page/page_request.h"

/* /-/login/NAME: leads the browser to the authorization server; asks first
 * where another site's page led it here. */
void login_page(const struct page_context *c, const struct page_request *q,
		struct page_reply *out);
/* /-/callback and /-/callback/NAME: the redirect URI (RFC 6749 §3.1.2). */
void callback_page(const struct page_context *c, const struct page_request *q,
		   struct page_reply *out);
/* The page that the broker's answer makes. */
void login_page_answered(struct login_reply *r, struct page_reply *out);
