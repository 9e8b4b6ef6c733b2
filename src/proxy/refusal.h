/* SPDX-License-Identifier: MIT */
/* Whether the upstream's answer says that the token was refused: by its status
 * (refresh_status), or by a member of an answer in JSON (refresh_if), for which
 * a small one is waited for before any of it passes on. */
#pragma once

struct exchange;

enum refusal {
	REFUSAL_IS_NONE,
	REFUSAL_NOT_KNOWN, /* the driver is called when it may be */
	REFUSAL_BY_STATUS,
	REFUSAL_BY_BODY,   /* as a 401, whatever its status */
};

/* The answer's head is there, and none of it has passed on. */
enum refusal refusal_look(struct exchange *x);
/* More of the body has come: calls the driver where it is too large to be
 * looked at. */
void refusal_body(struct exchange *x);
