/* SPDX-License-Identifier: MIT */
/* Tells credentials that belong to a connection from those of a request, by
 * their scheme. */
#include "http/connection_auth.h"

#include "http/challenge.h"

static bool is_of_connection(struct str scheme)
{
	static const char *const schemes[] = { "NTLM",     "Negotiate",
					       "Kerberos", "Nego2",
					       "CredSSP",  "PKU2U" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_eq_nocase(scheme, str_z(schemes[i])))
			return true;
	return false;
}

static bool is_named(const struct field *field, const char *one,
		     const char *other)
{
	return str_eq_nocase(field->name, str_z(one)) ||
	       str_eq_nocase(field->name, str_z(other));
}

bool connection_auth_asked(const struct fields *request)
{
	for (size_t i = 0; i < request->n; i++) {
		const struct field *f = &request->v[i];
		struct cursor c = cursor_of(str_trim(f->value));

		if (is_named(f, "Authorization", "Proxy-Authorization") &&
		    is_of_connection(cursor_while(&c, char_is_token)))
			return true;
	}
	return false;
}

bool connection_auth_offered(const struct fields *response)
{
	for (size_t i = 0; i < response->n; i++) {
		const struct field *f = &response->v[i];
		struct str rest = f->value, scheme, params;

		if (!is_named(f, "WWW-Authenticate", "Proxy-Authenticate"))
			continue;
		while (challenge_next(&rest, &scheme, &params))
			if (is_of_connection(scheme))
				return true;
	}
	return false;
}
