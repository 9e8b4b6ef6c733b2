/* SPDX-License-Identifier: MIT */
/* header: in a field of the request, Authorization by default (RFC 6750
 * §2.1). */
#include "oauth/placement/placement.h"

/* Fields that say how this hop's message is framed, routed or kept, and those
 * that do not travel: what is put in one of them would break the request or be
 * dropped on the way. */
static const char *const not_ours[] = {
	"Connection", "Content-Length", "Expect", "Host", "HTTP2-Settings",
	"Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	"Via",
};

static int header_check_name(const char *name, struct fault *f)
{
	struct str s = str_z(name);

	if (!str_is_token(s))
		return fault_set(f, "\"%s\" cannot be the name of a header "
				 "field", name);
	for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++) {
		if (str_eq_nocase(s, str_z(not_ours[i])))
			return fault_set(f, "\"%s\" cannot be set: the field "
					 "has a meaning for the connection "
					 "itself", name);
	}
	return 0;
}

static int header_encode(struct str value, struct buf *out, struct fault *f)
{
	if (!field_value_valid(value))
		return fault_set(f, "the value holds a control character, "
				 "which no field can");
	if (str_trim(value).n != value.n)
		return fault_set(f, "the value begins or ends with a space, "
				 "which no field keeps");
	buf_add_str(out, value);
	return 0;
}

static bool header_present(struct str name, const struct placement_request *r)
{
	return fields_find(r->fields, name) != NULL;
}

static void header_remove(struct str name, struct placement_request *r)
{
	fields_remove(r->fields, name);
}

static void header_apply(struct str name, struct str value,
			 struct placement_request *r)
{
	fields_add(r->fields, name, value);
}

const struct placement placement_header = {
	.name = "header",
	.default_name = "Authorization",
	.default_format = "Bearer {access_token}",
	.bound_format = "DPoP {access_token}",
	.check_name = header_check_name,
	.encode = header_encode,
	.present = header_present,
	.remove = header_remove,
	.apply = header_apply,
};
