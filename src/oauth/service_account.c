/* SPDX-License-Identifier: MIT */
/* Reads service_account_file into the settings that it stands for. */
#include "oauth/service_account.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "data/json.h"
#include "oauth/server.h"

/* A member that must be a text; empty with a fault. */
static struct str text_of(const struct json *j, const char *name, size_t max,
			  struct fault *f)
{
	const struct json *m = json_get(j, name);
	struct str s = json_text(m);

	if (json_is(m, JSON_STRING) && s.n > 0 && s.n <= max &&
	    !memchr(s.p, '\0', s.n))
		return s;
	fault_set(f, "it has no %s (a string), as Google's file for a service "
		  "account has", name);
	return STR("");
}

static int take_text(const struct json *j, const char *name, char **out,
		     struct fault *f)
{
	struct str s = text_of(j, name, LIMIT_SERVICE_ACCOUNT_MEMBER, f);

	if (s.n)
		*out = str_dup(s);
	return s.n ? 0 : -1;
}

/* Files of other kinds of credentials look alike. */
static int check_type(const struct json *j, struct fault *f)
{
	struct str type = text_of(j, "type", LIMIT_SERVICE_ACCOUNT_MEMBER, f);

	if (!type.n)
		return -1;
	if (!str_eq_z(type, "service_account"))
		return fault_set(f, "its type is not service_account: it is "
				 "another kind of credential");
	return 0;
}

static int take_key(const struct json *j, struct service_account *a,
		    struct fault *f)
{
	struct str pem = text_of(j, "private_key", LIMIT_KEY_FILE, f);

	if (!pem.n)
		return -1;
	a->key = key_parse_private(pem, f);
	return a->key ? 0 : fault_prefix(f, "private_key");
}

static int take_all(const struct json *j, struct service_account *a,
		    bool with_key, struct fault *f)
{
	if (!json_is(j, JSON_OBJECT))
		return fault_set(f, "it is not a JSON object");
	if (check_type(j, f) < 0 ||
	    take_text(j, "client_email", &a->client_email, f) < 0 ||
	    take_text(j, "token_uri", &a->token_uri, f) < 0 ||
	    endpoint_check("token_uri", a->token_uri, f) < 0)
		return -1;
	if (json_type(json_get(j, "private_key_id")) != JSON_NULL &&
	    take_text(j, "private_key_id", &a->private_key_id, f) < 0)
		return -1;
	return with_key ? take_key(j, a, f) : 0;
}

int service_account_load(struct service_account *out, const char *path,
			 bool with_key, struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_SERVICE_ACCOUNT);
	struct json *j;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (text_file_read(path, &b, NULL, f) < 0) {
		buf_fini(&b);
		return fault_prefix(f, "%s", path);
	}
	j = json_parse(buf_str(&b), f);
	if (j)
		rc = take_all(j, out, with_key, f);
	json_free(&j);
	buf_fini(&b);
	if (rc == 0)
		return 0;
	service_account_fini(out);
	return fault_prefix(f, "%s", path);
}

void service_account_fini(struct service_account *a)
{
	mem_free(a->client_email);
	mem_free(a->token_uri);
	mem_free(a->private_key_id);
	key_unref(&a->key);
	memset(a, 0, sizeof(*a));
}
