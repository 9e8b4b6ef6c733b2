/* SPDX-License-Identifier: MIT */
#include "oauth/compliance/compliance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/compliance/fixes.h"

#define R "access_token_response."

static void on_fix(void *arg, const char *what, const char *name,
		   struct str value)
{
	buf_addf(arg, "%s[%s] %.*s\n", what, name, STR_ARGS(value));
}

static void assert_told(const char *lines, enum token_phase phase,
			const char *want)
{
	struct fixes x = fixes_new(lines);
	struct buf b = BUF_INIT(4096);

	response_tell(compliance_response(x.c, phase), on_fix, &b);
	assert_string_equal(buf_z(&b), want);
	buf_fini(&b);
	fixes_free(&x);
}

static void test_none(void **state)
{
	(void)state;
	assert_told("", PHASE_ACCESS_TOKEN, "");
	assert_told(R "format = auto\n", PHASE_ACCESS_TOKEN, "");
	assert_told(R "format = form\n", PHASE_REVOCATION, "");
}

/* The order is that of the fixes, not that of the file. */
static void test_order(void **state)
{
	(void)state;
	assert_told(R "expires_unit = ms\n"
		    R "expires_at = ends\n"
		    R "unavailable_if = code=601\n"
		    R "error = meta.error\n"
		    R "error_if = ok=false\n"
		    R "invalid_grant_if = error=spent\n"
		    R "drop = x\n"
		    R "drop = y\n"
		    R "default.expires_in = 60\n"
		    R "set.token_type = Bearer\n"
		    R "rename.a.b = access_token\n"
		    R "select = data.0\n"
		    R "format = json\n",
		    PHASE_ACCESS_TOKEN,
		    "format[] json\n"
		    "select[] data.0\n"
		    "rename[a.b] access_token\n"
		    "set[token_type] \"Bearer\"\n"
		    "default[expires_in] 60\n"
		    "drop[] x\n"
		    "drop[] y\n"
		    "unavailable_if[] code=601\n"
		    "invalid_grant_if[] error=spent\n"
		    "error_if[] ok=false\n"
		    "error[] meta.error\n"
		    "expires_at[] ends\n"
		    "expires_unit[] ms\n");
}

static void test_refresh(void **state)
{
	static const char lines[] = R "drop = x\n" R "select = a\n"
				    "refresh_token_response.select = b\n";

	(void)state;
	assert_told(lines, PHASE_ACCESS_TOKEN, "select[] a\ndrop[] x\n");
	assert_told(lines, PHASE_REFRESH_TOKEN, "select[] b\ndrop[] x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_refresh),
	};

	return cmocka_run_group_tests_name("oauth/compliance_tell", tests,
					   NULL, NULL);
}
