/* SPDX-License-Identifier: MIT */
/* Which credentials are a connection's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/connection_auth.h"

static void test_rows(void **state)
{
	static const struct {
		const char *name, *value;
		bool asked, offered;
	} rows[] = {
		{ "Authorization", "NTLM TlRMTVNTUAABAAAA", true, false },
		{ "authorization", "ntlm x", true, false },
		{ "Authorization", "Negotiate YII=", true, false },
		{ "Authorization", "  NEGOTIATE  YII=", true, false },
		{ "Authorization", "Kerberos x", true, false },
		{ "Authorization", "Negotiate", true, false },
		{ "Authorization", "NTLM\tTlRMTQ==", true, false },
		{ "Authorization", "\tNegotiate\t YII=", true, false },
		{ "Authorization", "NTLM,TlRMTQ==", true, false },
		{ "Authorization", "CredSSP TlRMTQ==", true, false },
		{ "Authorization", "PKU2U x", true, false },
		{ "Proxy-Authorization", "NTLM x", true, false },
		{ "Authorization", "Bearer NTLM", false, false },
		{ "Authorization", "Basic TlRMTQ==", false, false },
		{ "Authorization", "NTLMv9 x", false, false },
		{ "Authorization", "", false, false },
		{ "X-Authorization", "NTLM x", false, false },
		{ "WWW-Authenticate", "NTLM", false, true },
		{ "www-authenticate", "negotiate", false, true },
		{ "WWW-Authenticate", "Negotiate YII=", false, true },
		{ "WWW-Authenticate", "Basic realm=\"NTLM\"", false, false },
		{ "WWW-Authenticate", "CredSSP", false, true },
		{ "WWW-Authenticate", "Basic realm=\"x\", NTLM", false, true },
		{ "WWW-Authenticate", "Bearer, Negotiate", false, true },
		{ "WWW-Authenticate", "Bearer scope=\"a, Negotiate b\"",
		  false, false },
		{ "Proxy-Authenticate", "NTLM", false, true },
		{ "Warning", "NTLM", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena;
		struct fields f;

		arena_init(&arena, NULL, 0);
		fields_init(&f, &arena);
		fields_add(&f, STR("Host"), STR("a.test"));
		fields_add(&f, str_z(rows[i].name), str_z(rows[i].value));
		assert_int_equal(connection_auth_asked(&f), rows[i].asked);
		assert_int_equal(connection_auth_offered(&f),
				 rows[i].offered);
		arena_fini(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
