/* SPDX-License-Identifier: MIT */
/* What browsers bring to the callback. What is taken is one of a code, a token
 * and an error, and none of it can break a header or a page. */
#include "oauth/login/authorization_response.h"

#include "data/uri.h"
#include "fuzz.h"

static void check_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		ASSERT(s.p[i] >= 0x20 && s.p[i] < 0x7f);
}

static void check_taken(const struct authorization_response *r)
{
	bool failed = r->error.code[0] != '\0';
	struct uri u;

	ASSERT(failed || r->code || r->token || r->id_token);
	ASSERT(!failed || (!r->code && !r->token && !r->id_token));
	check_printable(secret_expose(r->code));
	check_printable(secret_expose(r->state));
	check_printable(secret_expose(r->id_token));
	check_printable(str_z(r->iss));
	check_printable(str_z(r->error.code));
	check_printable(str_z(r->error.description));
	if (r->error_uri)
		ASSERT(uri_parse(str_z(r->error_uri), &u, NULL) == 0);
	if (r->token)
		ASSERT(secret_expose(r->token->access_token).n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct authorization_response r;
	struct fault f = { "" };
	int rc = authorization_response_read(fuzz_text(data, size), 5,
					     NULL, &r, &f);

	ASSERT((rc < 0) == (f.text[0] != '\0'));
	if (rc == 0)
		check_taken(&r);
	else
		ASSERT(!r.state && !r.code && !r.token && !r.iss);
	authorization_response_fini(&r);
	return 0;
}
