/* SPDX-License-Identifier: MIT */
/* Expands a template to octets that may go into a request: when a token is
 * published, or for each request where it names what is new in each. */
#include "oauth/placement/value.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config/live_secret.h"
#include "config/mask.h"
#include "crypto/random.h"
#include "oauth/login/authorization.h"
#include "oauth/settings.h"

static const char NAMES[] = "{access_token}, {token_type}, {id_token}, "
	"{token.FIELD}, {client_id}, {client_secret}, {username}, "
	"{base64:...}, {now}, {uuid}";

#define SERVER_NAMES "{assertion}, {password}, {refresh_token}, " \
	"{subject_token}, {access_token}, {token_type}, {id_token}, " \
	"{token.FIELD}, {client_id}, {client_secret}, {username}, " \
	"{base64:...}, {now}, {uuid}"

/* Where a name's value comes from. */
enum origin {
	OF_TOKEN,
	OF_SETTINGS,
	OF_SECRET,
	OF_REQUEST,
	OF_BROUGHT,
};

struct value_name {
	const char *name;
	enum origin origin;
	/* Appends; false where there is none. */
	bool (*write)(const struct value_source *s, struct buf *out);
};

static bool add_secret(struct buf *out, const struct secret *s)
{
	if (s)
		buf_add_str(out, secret_expose(s));
	return s != NULL;
}

static bool add_text(struct buf *out, const char *text)
{
	if (text)
		buf_add_z(out, text);
	return text != NULL;
}

static bool write_access_token(const struct value_source *s, struct buf *out)
{
	return add_secret(out, s->token->access_token);
}

static bool write_token_type(const struct value_source *s, struct buf *out)
{
	return add_text(out, s->token->token_type);
}

static bool write_id_token(const struct value_source *s, struct buf *out)
{
	return add_secret(out, s->token->id_token);
}

static const struct oauth_settings *settings(const struct value_source *s)
{
	return config_block(s->section, &oauth_settings_table);
}

static bool write_client_id(const struct value_source *s, struct buf *out)
{
	return add_text(out, settings(s)->client_id);
}

static bool write_client_secret(const struct value_source *s, struct buf *out)
{
	struct secret *now = config_live_current(&settings(s)->client_secret);
	bool there = add_secret(out, now);

	secret_unref(&now);
	return there;
}

static bool write_username(const struct value_source *s, struct buf *out)
{
	return add_text(out, settings(s)->username);
}

static bool write_now(const struct value_source *s ATTR_UNUSED,
		      struct buf *out)
{
	buf_addf(out, "%lld", (long long)(clock_wall_ms() / 1000));
	return true;
}

/* RFC 9562 §5.4. */
static bool write_uuid(const struct value_source *s ATTR_UNUSED,
		       struct buf *out)
{
	unsigned char u[16];

	random_fill(u, sizeof(u));
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(u); i++)
		buf_addf(out, "%s%02x",
			 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			 u[i]);
	return true;
}

static bool add_carried(struct buf *out, struct str s)
{
	buf_add_str(out, s);
	return s.n > 0;
}

static bool write_assertion(const struct value_source *s, struct buf *out)
{
	return s->carried && add_carried(out, s->carried->assertion);
}

static bool write_password(const struct value_source *s, struct buf *out)
{
	return s->carried && add_carried(out, s->carried->password);
}

static bool write_refresh_token(const struct value_source *s, struct buf *out)
{
	return s->carried && add_carried(out, s->carried->refresh_token);
}

static bool write_subject_token(const struct value_source *s, struct buf *out)
{
	return s->carried && add_carried(out, s->carried->subject_token);
}

static const struct value_name names[] = {
	{ "access_token", OF_TOKEN, write_access_token },
	{ "token_type", OF_TOKEN, write_token_type },
	{ "id_token", OF_TOKEN, write_id_token },
	{ "client_id", OF_SETTINGS, write_client_id },
	{ "client_secret", OF_SECRET, write_client_secret },
	{ "username", OF_SETTINGS, write_username },
	{ "now", OF_REQUEST, write_now },
	{ "uuid", OF_REQUEST, write_uuid },
	{ "assertion", OF_BROUGHT, write_assertion },
	{ "password", OF_BROUGHT, write_password },
	{ "refresh_token", OF_BROUGHT, write_refresh_token },
	{ "subject_token", OF_BROUGHT, write_subject_token },
};

/* NULL for {token.FIELD}, and where there is no such name. */
static const struct value_name *find(struct str name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_z(name, names[i].name))
			return &names[i];
	}
	return NULL;
}

static bool is_member(struct str name)
{
	return str_starts(name, STR("token.")) && name.n > STR("token.").n;
}

#define CALLBACK "token.callback."

/* What came by way of a browser. */
static bool is_callback(struct str name)
{
	return str_starts(name, STR(CALLBACK));
}

static bool is_of(struct str name, enum origin origin)
{
	const struct value_name *known = find(name);

	return known && known->origin == origin;
}

static bool is_known_to_server(struct str name)
{
	return is_member(name) || find(name);
}

static bool is_known(struct str name)
{
	return is_known_to_server(name) && !is_of(name, OF_BROUGHT);
}

static bool is_of_token(struct str name)
{
	return is_member(name) || is_of(name, OF_TOKEN);
}

static bool is_of_reply(struct str name)
{
	return is_of_token(name) && !is_callback(name);
}

static bool is_of_secret(struct str name)
{
	return is_of(name, OF_SECRET) || is_of(name, OF_BROUGHT);
}

static bool is_of_request(struct str name)
{
	return is_of(name, OF_REQUEST) || is_of(name, OF_BROUGHT);
}

static struct value *parse(struct str text, template_known_fn *known,
			   const char *list, struct fault *f)
{
	struct template *t = template_parse(text, known, list, f);
	struct value *v;

	if (!t)
		return NULL;
	v = mem_new(struct value);
	v->template = t;
	v->of_token = template_any(t, is_of_token);
	v->of_reply = template_any(t, is_of_reply);
	v->of_secret = template_any(t, is_of_secret);
	v->of_request = template_any(t, is_of_request);
	return v;
}

struct value *value_parse(struct str text, struct fault *f)
{
	return parse(text, is_known, NAMES, f);
}

struct value *value_parse_server(struct str text, struct fault *f)
{
	return parse(text, is_known_to_server, SERVER_NAMES, f);
}

void value_free(struct value **v)
{
	struct value *gone = *v;

	*v = NULL;
	if (!gone)
		return;
	template_free(&gone->template);
	mem_free(gone);
}

/* Whether only a run brings the value, and the section is one that is shown
 * only. */
static bool is_masked(const struct value_source *s, struct str name)
{
	return config_masked(s->section) &&
	       (is_of_token(name) || is_of(name, OF_REQUEST));
}

/* What a browser brought chooses no more of an address than what stands there
 * for it: a name, a number; or where it is what the address begins with, a host
 * or an origin, which upstream_hosts judges. */
static int check_in_url(struct str value, bool first, struct fault *f)
{
	bool dots = str_find_str(value, STR("..")) < value.n ||
		    str_eq(value, STR("."));

	for (size_t i = 0; !dots && i < value.n; i++) {
		char c = value.p[i];

		if (char_is_alpha(c) || char_is_digit(c) ||
		    str_find(STR("-._~"), c) < 4 ||
		    (first && (c == ':' || c == '/')))
			continue;
		dots = true;
	}
	return dots ? fault_set(f, "it holds what cannot be a part of an "
				"address") : 0;
}

static int write_callback(const struct value_source *s, struct str name,
			  struct buf *out, struct fault *f)
{
	size_t before = out->n;
	struct json *j = NULL;
	int rc = -1;

	if (s->token) {
		rc = token_member(s->token, str_from(name, STR("token.").n),
				  out);
	} else if (s->carried && s->carried->callback) {
		j = json_parse(secret_expose(s->carried->callback), NULL);
		const struct json *m =
			json_get_str(j, str_from(name, STR(CALLBACK).n));

		rc = json_is(m, JSON_STRING) ? 0 : -1;
		buf_add_str(out, json_text(m));
		json_free(&j);
	}
	if (rc < 0)
		return fault_set(f, "{%.*s}: the browser's answer to the login "
				 "had none", STR_ARGS(name));
	if (s->in_url && check_in_url(str_from(buf_str(out), before),
				      before == 0, f) < 0)
		return fault_prefix(f, "{%.*s}", STR_ARGS(name));
	return 0;
}

/* A name's value; the section's are missing by their own key. */
static int write_name(void *arg, struct str name, struct buf *out,
		      struct fault *f)
{
	const struct value_source *source = arg;
	const struct value_name *known = find(name);

	if (!source->token && is_of_token(name) && !is_callback(name))
		return fault_set(f, "{%.*s}: there is no token now",
				 STR_ARGS(name));
	if (is_masked(source, name)) {
		mask_write(out, name);
		return 0;
	}
	if (is_callback(name))
		return write_callback(source, name, out, f);
	if (known && known->write(source, out))
		return 0;
	if (known && known->origin == OF_BROUGHT)
		return fault_set(f, "{%s}: this request brings none",
				 known->name);
	if (known && known->origin != OF_TOKEN)
		return fault_set(f, "{%s}: there is no %s", known->name,
				 known->name);
	if (known)
		return fault_set(f, "{%s}: the token response has none",
				 known->name);
	if (token_member(source->token, str_from(name, STR("token.").n),
			 out) < 0)
		return fault_set(
			f,
			"{%.*s}: the token response has no such "
			"member, or it is not text, a number or a boolean",
			STR_ARGS(name));
	return 0;
}

struct check {
	struct value_source source;
	bool has_token;
};

static int check_name(void *arg, struct str name, struct buf *out,
		      struct fault *f)
{
	struct check *c = arg;

	if (is_of(name, OF_BROUGHT))
		return 0;
	/* What a program is to print is not known yet. */
	if (is_of_secret(name) &&
	    !settings(&c->source)->client_secret.value &&
	    config_live_given(&settings(&c->source)->client_secret))
		return 0;
	if (!is_of_token(name))
		return write_name(&c->source, name, out, f);
	if (is_callback(name) &&
	    !authorization_is_kept(c->source.section,
				   str_from(name, STR(CALLBACK).n)))
		return fault_set(f, "{%.*s}: authorization_response.keep = "
				 "%.*s is missing", STR_ARGS(name),
				 STR_ARGS(str_from(name, STR(CALLBACK).n)));
	if (c->has_token)
		return 0;
	return fault_set(f, "{%.*s}: the service gets no token",
			 STR_ARGS(name));
}

int value_check(const struct value *v, const struct config_section *s,
		bool has_token, struct fault *f)
{
	struct check c = { { .section = s }, has_token };
	struct buf scratch = BUF_INIT_SECRET(LIMIT_VALUE);
	int rc = template_expand(v->template, check_name, &c, &scratch, f);

	buf_fini(&scratch);
	return rc;
}

bool value_is_known(const struct value *v, const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return !v->of_secret || o->client_secret.value;
}

bool value_is_live(const struct value *v, const struct config_section *s)
{
	const struct oauth_settings *o = config_block(s, &oauth_settings_table);

	return v->of_secret &&
	       (o->client_secret.path || o->client_secret.command);
}

/* What no place takes, also where it could be encoded. */
static int check_octets(const struct buf *b, struct fault *f)
{
	struct str s = buf_str(b);

	if (!buf_ok(b))
		return fault_set(f, "the value is longer than %d octets",
				 (int)LIMIT_VALUE);
	if (str_find(s, '\r') < s.n || str_find(s, '\n') < s.n ||
	    str_find(s, '\0') < s.n)
		return fault_set(f, "the value holds a line break or NUL");
	return 0;
}

int value_write(const struct value *v, const struct value_source *source,
		value_encode_fn *encode, struct buf *out, struct fault *f)
{
	struct value_source s = *source;
	struct buf value = BUF_INIT_SECRET(LIMIT_VALUE);
	int rc = template_expand(v->template, write_name, &s, &value, f);

	if (rc == 0)
		rc = check_octets(&value, f);
	if (rc == 0)
		rc = encode(buf_str(&value), out, f);
	buf_fini(&value);
	return rc;
}
