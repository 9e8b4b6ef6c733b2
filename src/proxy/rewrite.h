/* SPDX-License-Identifier: MIT */
/* The answer to a client that came by path: what names the upstream's own
 * places is made to name them as this client knows them. */
#pragma once

struct exchange;

/* Rewrites Location, Content-Location and Set-Cookie, and sandboxes
 * documents, since all services share one origin here. */
void rewrite_response(struct exchange *x);
