/* SPDX-License-Identifier: MIT */
/* Says in words what the compliance fixes would do to a reply, for check -v. */
#include "oauth/compliance/int.h"

struct compliance_telling {
	response_told_fn *told;
	void *arg;
};

static void tell(const struct compliance_telling *t, const char *what,
		 const char *name, const char *value)
{
	if (value)
		t->told(t->arg, what, name, str_z(value));
}

static void tell_values(const struct compliance_telling *t, const char *what,
			const struct response_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT_SECRET(REPLY_MADE_MAX);

		json_print(v[i].value, &b);
		tell(t, what, v[i].name, buf_z(&b));
		buf_fini(&b);
	}
}

static void tell_tests(const struct compliance_telling *t, const char *what,
		       const struct response_tests *tests)
{
	for (size_t i = 0; i < tests->n; i++) {
		const struct response_test *test = &tests->v[i];
		struct buf b = BUF_INIT(REPLY_MADE_MAX);

		buf_addf(&b, "%s=%s", test->path, test->value);
		tell(t, what, "", buf_z(&b));
		buf_fini(&b);
	}
}

void response_tell(const struct response_fixes *x, response_told_fn *told,
		   void *arg)
{
	static const char *const formats[] = { NULL, "json", "form" };
	const struct compliance_telling t = { told, arg };

	if (!x)
		return;
	tell(&t, "format", "", formats[x->format]);
	tell(&t, "select", "", x->select);
	for (size_t i = 0; i < x->nrenames; i++)
		tell(&t, "rename", x->renames[i].from, x->renames[i].to);
	tell_values(&t, "set", x->sets, x->nsets);
	tell_values(&t, "default", x->defaults, x->ndefaults);
	for (size_t i = 0; i < x->ndrops; i++)
		tell(&t, "drop", "", x->drops[i]);
	tell_tests(&t, "unavailable_if", &x->unavailable_ifs);
	tell_tests(&t, "invalid_grant_if", &x->invalid_grant_ifs);
	tell_tests(&t, "error_if", &x->error_ifs);
	tell(&t, "error", "", x->error);
	tell(&t, "expires_at", "", x->expires_at);
	tell(&t, "expires_unit", "", x->expires_in_ms ? "ms" : NULL);
}
