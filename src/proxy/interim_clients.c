/* SPDX-License-Identifier: MIT */
/* The table of clients that take an interim response for the answer, asked
 * when an upstream sends one. */

#include "proxy/interim_clients.h"

#include <stddef.h>

/* How their User-Agent begins. Each row is tried by
 * tests/e2e/test_interim_clients.py. PHP's streams and Python's http.client say
 * none unless they are told to, and cannot be known then. */
static const char *const mistaken[] = {
	"Debian APT-HTTP/",
	"Java/",           /* HttpURLConnection */
	"PHP",             /* its streams */
	"Python-urllib",   /* http.client and what stands on it */
	"libwww-perl",
	"python-requests",
};

bool interim_client_reads(struct str user_agent)
{
	for (size_t i = 0; i < sizeof(mistaken) / sizeof(mistaken[0]); i++) {
		if (str_starts(user_agent, str_z(mistaken[i])))
			return false;
	}
	return true;
}
