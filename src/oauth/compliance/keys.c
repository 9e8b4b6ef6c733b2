/* SPDX-License-Identifier: MIT */
/* The table of the compliance fixes' keys, with what the manual says of
 * them. */
#include "oauth/compliance/int.h"

#define ROW(member) offsetof(struct compliance_keys, member)
#define METHODS "POST GET PUT PATCH DELETE"
#define AS_ACCESS "What is not given is as access_token_request has it."
/* A key of another reply that is as the token response's. */
#define SAME(reply, name, any, member, flags) \
	{ reply "_response." name any, &config_list, ROW(member), flags, NULL, \
	  NULL, "The same as access_token_response." name " for that reply." }
#define SAME_FIXES(reply, member) \
	SAME(reply, "rename", ".*", member.rename, 0), \
	SAME(reply, "set", ".*", member.set, 0), \
	SAME(reply, "default", ".*", member.fallback, 0), \
	SAME(reply, "drop", "", member.drop, CONFIG_REPEAT), \
	SAME(reply, "unavailable_if", "", member.unavailable_if, \
	     CONFIG_REPEAT), \
	SAME(reply, "error_if", "", member.error_if, CONFIG_REPEAT), \
	SAME(reply, "invalid_grant_if", "", member.invalid_grant_if, \
	     CONFIG_REPEAT)

/* clang-format off */
static const struct config_key keys[] = {
	{ "access_token_request.param.*", &config_list,
	  ROW(access_request.param), 0, NULL, NULL,
	  "A parameter of the token request, in place of one of that name. "
	  "The value is a template as that of token_format, of {client_id}, "
	  "{client_secret}, {username}, {now}, {uuid} and {base64:...}, and of "
	  "what the grant puts into this request: {assertion}, {password}, "
	  "{refresh_token} and {subject_token}. An empty one leaves the "
	  "parameter out." },
	{ "access_token_request.header.*", &config_list,
	  ROW(access_request.header), 0, NULL, NULL,
	  "The same for a header field of the token request." },
	{ "access_token_request.method", &config_word,
	  ROW(access_request.method), 0, NULL, METHODS,
	  "The method of the token request, POST where it is not given. The "
	  "parameters of a GET are in the query." },
	{ "access_token_request.format", &config_word,
	  ROW(access_request.format), 0, NULL, "form json query",
	  "Where the parameters of the token request are: in a form that is "
	  "its body, the default; in a body that is a JSON object, all of "
	  "them strings; or in the query, where the server's logs may keep "
	  "them." },
	{ "refresh_token_request.param.*", &config_list,
	  ROW(refresh_request.param), 0, NULL, NULL,
	  "The same as access_token_request.param for the request that "
	  "refreshes a token. Its template can hold {access_token}, "
	  "{token_type}, {id_token} and {token.FIELD} too, which are those of "
	  "the token that is being refreshed. " AS_ACCESS },
	{ "refresh_token_request.header.*", &config_list,
	  ROW(refresh_request.header), 0, NULL, NULL,
	  "The same for a header field of that request. " AS_ACCESS },
	{ "refresh_token_request.method", &config_word,
	  ROW(refresh_request.method), 0, NULL, METHODS,
	  "The method of that request. " AS_ACCESS },
	{ "refresh_token_request.format", &config_word,
	  ROW(refresh_request.format), 0, NULL, "form json query",
	  "Where its parameters are. " AS_ACCESS },
	{ "device_authorization_request.param.*", &config_list,
	  ROW(device_request.param), 0, NULL, NULL,
	  "The same as access_token_request.param for the request that asks "
	  "for a device's codes (RFC 8628 section 3.1). Nothing of it is taken "
	  "from access_token_request." },
	{ "device_authorization_request.header.*", &config_list,
	  ROW(device_request.header), 0, NULL, NULL,
	  "The same for a header field of that request." },
	{ "device_authorization_request.method", &config_word,
	  ROW(device_request.method), 0, NULL, METHODS,
	  "The method of that request, POST where it is not given." },
	{ "device_authorization_request.format", &config_word,
	  ROW(device_request.format), 0, NULL, "form json query",
	  "Where its parameters are: in a form, the default." },
	{ "revocation_request.param.*", &config_list, ROW(revocation.param),
	  0, NULL, NULL,
	  "The same as refresh_token_request.param for the request that "
	  "revokes a token. " AS_ACCESS },
	{ "revocation_request.header.*", &config_list,
	  ROW(revocation.header), 0, NULL, NULL,
	  "The same for a header field of that request. " AS_ACCESS },
	{ "revocation_request.method", &config_word, ROW(revocation.method),
	  0, NULL, METHODS,
	  "The method of that request. " AS_ACCESS },
	{ "revocation_request.format", &config_word, ROW(revocation.format),
	  0, NULL, "form json query",
	  "Where its parameters are. " AS_ACCESS },
	{ "access_token_response.format", &config_word,
	  ROW(access_response.format), 0, NULL, "auto json form",
	  "What the token endpoint answers with, whatever its Content-Type "
	  "says. auto, the default, goes by that, and by the first octet "
	  "where it is neither JSON's nor a form's." },
	{ "access_token_response.select", &config_text,
	  ROW(access_response.select), 0, NULL, NULL,
	  "The dotted path of the object in the reply that is the token "
	  "response, such as data.token or authed_users.0. Where the reply "
	  "has no object there, it is an error, whose words are looked for "
	  "in all of it." },
	{ "access_token_response.rename.*", &config_list,
	  ROW(access_response.rename), 0, NULL, NULL,
	  "What the reply's member OLD, the last part of the key, is really "
	  "called, such as expires_in for expires. OLD may be a dotted path; "
	  "the member is then copied from there. Where the reply has no such "
	  "member, or null, nothing is changed." },
	{ "access_token_response.set.*", &config_list,
	  ROW(access_response.set), 0, NULL, NULL,
	  "What a member of the reply shall be, whatever it is. A number, "
	  "true, false, null and a string in quotation marks are what they "
	  "are in JSON; all else is text. A token_type that is set is taken "
	  "as it is, also where it is not Bearer." },
	{ "access_token_response.default.*", &config_list,
	  ROW(access_response.fallback), 0, NULL, NULL,
	  "The same for a member that the reply does not have, or that is "
	  "null or empty, or an expires_in of 0." },
	{ "access_token_response.drop", &config_list,
	  ROW(access_response.drop), CONFIG_REPEAT, NULL, NULL,
	  "The name of a member that is taken out of the reply." },
	{ "access_token_response.unavailable_if", &config_list,
	  ROW(access_response.unavailable_if), CONFIG_REPEAT, NULL, NULL,
	  "NAME=VALUE, as error_if, and looked at before it: the reply says "
	  "that the server cannot answer now, such as status=601. It is asked "
	  "again as after a status 503." },
	{ "access_token_response.error_if", &config_list,
	  ROW(access_response.error_if), CONFIG_REPEAT, NULL, NULL,
	  "NAME=VALUE: the reply is an error where the member NAME, which may "
	  "be a dotted path, is that text, number, true, false or null (in "
	  "quotation marks, that text alone), although its status says that "
	  "all is well. What select leaves out is looked at too." },
	{ "access_token_response.invalid_grant_if", &config_list,
	  ROW(access_response.invalid_grant_if), CONFIG_REPEAT, NULL, NULL,
	  "NAME=VALUE, as error_if: the reply says what RFC 6749 section 5.2 "
	  "calls invalid_grant, in words of its own, such as "
	  "error=bad_refresh_token." },
	{ "access_token_response.error", &config_text,
	  ROW(access_response.error), 0, NULL, NULL,
	  "The dotted path of what is wrong in a reply that is an error: text "
	  "or a code, or an object that has these, or an array of such. A "
	  "reply without an access_token is an error too where there is "
	  "something at the path. One word is taken for a code of RFC 6749 "
	  "section 5.2; only with invalid_grant a refresh token is given "
	  "up." },
	{ "access_token_response.expires_at", &config_text,
	  ROW(access_response.expires_at), 0, NULL, NULL,
	  "The dotted path of the date at which the token ends, for servers "
	  "that tell that in place of expires_in: RFC 3339's, HTTP's, or "
	  "seconds or milliseconds since 1970. Where there is no such date, or "
	  "it is past, expires_in is taken." },
	{ "access_token_response.expires_unit", &config_word,
	  ROW(access_response.expires_unit), 0, "s", "s ms",
	  "What expires_in counts: seconds or milliseconds." },
	{ "refresh_token_response.format", &config_word,
	  ROW(refresh_response.format), 0, NULL, "auto json form",
	  "The same as access_token_response.format for the reply to a "
	  "refresh; as with the keys that follow, what is not given is as "
	  "access_token_response has it." },
	{ "refresh_token_response.select", &config_text,
	  ROW(refresh_response.select), 0, NULL, NULL,
	  "The same as access_token_response.select for that reply; \".\" is "
	  "the whole." },
	SAME_FIXES("refresh_token", refresh_response),
	{ "refresh_token_response.error", &config_text,
	  ROW(refresh_response.error), 0, NULL, NULL,
	  "The same as access_token_response.error for that reply." },
	{ "refresh_token_response.expires_at", &config_text,
	  ROW(refresh_response.expires_at), 0, NULL, NULL,
	  "The same as access_token_response.expires_at for that reply." },
	{ "refresh_token_response.expires_unit", &config_word,
	  ROW(refresh_response.expires_unit), 0, NULL, "s ms",
	  "The same as access_token_response.expires_unit for that reply." },
	{ "device_authorization_response.format", &config_word,
	  ROW(device_response.format), 0, NULL, "auto json form",
	  "The same as access_token_response.format for the reply "
	  "that has a device's codes (RFC 8628 section 3.2). Nothing "
	  "of this or the keys that follow is taken from "
	  "access_token_response." },
	{ "device_authorization_response.select", &config_text,
	  ROW(device_response.select), 0, NULL, NULL,
	  "The same as access_token_response.select for that reply." },
	SAME_FIXES("device_authorization", device_response),
	{ "device_authorization_response.error", &config_text,
	  ROW(device_response.error), 0, NULL, NULL,
	  "The same as access_token_response.error for that reply, "
	  "which is not an error where it has a device_code." },
	{ "device_authorization_response.expires_at", &config_text,
	  ROW(device_response.expires_at), 0, NULL, NULL,
	  "The same as access_token_response.expires_at for the date "
	  "at which the codes end." },
	{ "device_authorization_response.expires_unit", &config_word,
	  ROW(device_response.expires_unit), 0, "s", "s ms",
	  "The same as access_token_response.expires_unit for that "
	  "reply." },
};
/* clang-format on */

const struct config_table compliance_table = {
	.section = "service",
	.title = "Compliance fixes",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
	.size = sizeof(struct compliance_keys),
};
