/* SPDX-License-Identifier: MIT */
/* The names under which a service's token and its server's metadata are stored.
 * For service/ only. */
#pragma once

struct service;

/* The text that a session's tokens are stored under. mem_free. */
char *service_identity(const struct service *s);
/* A digest of what its tokens are asked for: scope, audience, resource, dpop.
 * mem_free. */
char *service_request_digest(const struct service *s);

/* The text that its issuer's metadata is stored under: a digest of issuer and
 * of how it is reached. NULL where there is no issuer. mem_free. */
char *service_metadata_id(const struct service *s);
