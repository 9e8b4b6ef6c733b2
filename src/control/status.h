/* SPDX-License-Identifier: MIT */
/* A session as people and scripts see it (bearerd(8), status). */
#pragma once

#include <stdint.h>

#include "data/json.h"
#include "session/session.h"

/* Adds the members service, client, grant_type, state, expires_at,
 * login_expires_at, scope, last_error, and expires_in, login_expires_in and
 * login_expires_soon (whether that is to be told) to an object. s is the
 * session that the service of `of` uses: mostly the same. now and wall are the
 * same instant, clock_ms and clock_wall_ms. */
void status_write(struct json_out *o, const struct session *of,
		  const struct session *s, int64_t now, int64_t wall);
/* Adds expires_at (RFC 3339) and expires_in (seconds) of a time, clock_ms;
 * null where that is not known (INT64_MAX). */
void status_write_expiry(struct json_out *o, int64_t expires, int64_t now,
			 int64_t wall);
