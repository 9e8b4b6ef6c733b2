/* SPDX-License-Identifier: MIT */
/* The pages of a login: looks at how a browser came, and makes forms and words;
 * what a login is and whether an answer counts is the broker's to know. */
#include "page/login_page.h"

#include "base/limits.h"
#include "crypto/random.h"
#include "data/base64url.h"
#include "data/form.h"
#include "data/parameters.h"
#include "data/uri.h"
#include "http/target.h"
#include "oauth/login/authorization.h"
#include "page/html.h"
#include "service/login_url.h"

enum {
	LOGIN_NONCE = 16,
};

static const char html_type[] = "text/html; charset=utf-8";

/* What the form that asks first has in common with a cookie. */
static const struct str asked = { "bearerd_asked", 13 };

/* Marks a form that this page has sent once more by itself. */
static const struct str again = { "bearerd_again", 13 };

/* --- pages --- */

/* Nothing runs but the script that has the nonce. form-action is left out:
 * browsers hold it against where a form's answer redirects to, too. */
static void page_html(struct page_reply *out, int status, struct str nonce)
{
	out->status = status;
	out->content_type = html_type;
	buf_add_z(&out->policy, "default-src 'none'; style-src "
				"'unsafe-inline'; base-uri 'none'; "
				"frame-ancestors 'none'");
	if (nonce.n > 0)
		buf_addf(&out->policy, "; script-src 'nonce-%.*s'",
			 STR_ARGS(nonce));
}

static void page_words(struct page_reply *out, int status, const char *title,
		       struct str text)
{
	page_html(out, status, STR(""));
	html_begin(&out->body, title);
	html_paragraph(&out->body, text);
	html_end(&out->body);
}

static void page_nonce(struct buf *out)
{
	unsigned char random[LOGIN_NONCE];

	random_fill(random, sizeof(random));
	base64url_encode(out, (struct str){ (char *)random, sizeof(random) });
}

/* Script, and a button where there is none. */
static void page_with_script(struct page_reply *out, const char *title,
			     const char *script)
{
	struct buf nonce = BUF_INIT(64);

	page_nonce(&nonce);
	page_html(out, 200, buf_str(&nonce));
	html_begin(&out->body, title);
	buf_addf(&out->body, "<form id=\"form\" method=\"post\">\n");
	buf_addf(&out->body,
		 "<noscript><p>This page needs JavaScript.</p></noscript>\n"
		 "</form>\n<p id=\"words\"></p>\n"
		 "<script nonce=\"%s\">\n%s</script>\n", buf_z(&nonce),
		 script);
	html_end(&out->body);
	buf_fini(&nonce);
}

/* --- how a browser came --- */

static struct str field_of(const struct page_request *q, const char *name)
{
	const struct field *f = fields_find(q->fields, str_z(name));

	return f != NULL ? f->value : STR("");
}

/* Whether an address (Origin, Referer) is of the host and port that were asked;
 * *path: its path. */
static bool is_own(const struct page_request *q, struct str url,
		   struct str *path)
{
	struct uri from, here = { .host = { NULL, 0 } };

	if (uri_parse(url, &from, NULL) < 0 ||
	    authority_parse(field_of(q, "Host"), &here.host, &here.port,
			    &here.is_ipv6, NULL) < 0)
		return false;
	here.scheme = from.scheme;
	*path = from.path;
	return host_eq(from.host, here.host) &&
	       uri_port(&from) == uri_port(&here);
}

/* Whether one of our own pages has led here, and no service's, by path: theirs
 * have the same origin. */
static bool came_from_own_page(const struct page_context *c,
			       const struct page_request *q)
{
	struct str path;
	struct uri u;

	if (!is_own(q, field_of(q, "Referer"), &path))
		return false;
	if (uri_parse(str_z(c->external), &u, NULL) == 0 &&
	    str_starts(path, u.path))
		path = str_from(path, u.path.n - str_ends(u.path, STR("/")));
	return str_starts(path, STR("/-/"));
}

/* Whether browsers say by Sec-Fetch-Site where they come from: to what they
 * believe to be safe from the network, so not by plain http beyond the machine.
 * What is before bearerd may have taken https off: then the field is there. */
static bool says_where_from(const struct page_request *q)
{
	struct str host;
	bool v6;
	int port;

	return field_of(q, "Sec-Fetch-Site").n > 0 ||
	       (authority_parse(field_of(q, "Host"), &host, &port, &v6, NULL) ==
			0 &&
		uri_host_is_loopback(host));
}

static bool is_post(const struct page_request *q)
{
	return str_eq(q->method, STR("POST"));
}

/* The first parameter of that name, decoded. */
static void parameter(struct str raw, struct str wanted, struct buf *value)
{
	struct buf name = BUF_INIT(256);

	while (form_next(&raw, &name, value)) {
		if (buf_ok(&name) && str_eq(buf_str(&name), wanted))
			break;
		buf_reset(value);
	}
	buf_fini(&name);
}

/* Whether it is the form that this page has sent out: a cookie of the same
 * value, which no other site can read or set, has come with it. */
static bool has_own_form(const struct page_request *q)
{
	struct buf given = BUF_INIT_SECRET(256), cookie = BUF_INIT_SECRET(256);
	struct str rest = field_of(q, "Cookie"), pair;
	bool own = false;

	if (is_post(q))
		parameter(q->body, asked, &given);
	while (given.n > 0 && buf_ok(&given) && !own && rest.n > 0) {
		pair = str_sub(rest, 0, str_find(rest, ';'));
		rest = str_from(rest, pair.n + 1);
		buf_reset(&cookie);
		buf_addf(&cookie, "%.*s=%.*s", STR_ARGS(asked),
			 STR_ARGS(buf_str(&given)));
		own = str_eq(str_trim(pair), buf_str(&cookie));
	}
	buf_fini(&given);
	buf_fini(&cookie);
	return own;
}

/* Where browsers say where they come from, or are too old to, and what posts
 * came from another site is not let in. */
static bool came_from_elsewhere(const struct page_request *q)
{
	struct str site = field_of(q, "Sec-Fetch-Site");
	struct str referer = field_of(q, "Referer"), path;

	if (is_post(q))
		return false;
	if (site.n == 0)
		return referer.n > 0 && !is_own(q, referer, &path);
	return !str_eq(site, STR("none")) && !str_eq(site, STR("same-origin"));
}

/* Where they do not: only a sign that it was this site counts. */
static bool came_from_here(const struct page_context *c,
			   const struct page_request *q)
{
	struct str path;

	return has_own_form(q) || came_from_own_page(c, q) ||
	       is_own(q, field_of(q, "Origin"), &path);
}

/* Whether a person may not know of it: another site's page has led here, or
 * may have, for all that the browser says; or it loads what may be wanted
 * later. */
static bool came_unasked(const struct page_context *c,
			 const struct page_request *q)
{
	bool hurries = field_of(q, "Sec-Purpose").n > 0 ||
		       field_of(q, "Purpose").n > 0;

	if (hurries && !is_post(q))
		return true;
	return says_where_from(q) ? came_from_elsewhere(q)
				  : !came_from_here(c, q);
}

/* What it brought: the form, or the query. */
static struct str carried(const struct page_request *q)
{
	return is_post(q) ? q->body : q->query;
}

/* The one whose session it is that the named one uses: its login, and where
 * that comes back, are that one's. */
static bool find_service(const struct page_context *c, struct str name,
			 size_t *out)
{
	for (size_t i = 0; i < c->services->n; i++) {
		if (!str_eq_z(name, c->services->v[i]->name))
			continue;
		*out = c->services->v[i]->session_of->index;
		return true;
	}
	return false;
}

/* --- how it begins --- */

/* The cookie is for this page alone, as the browser has its address. */
static void write_asked(const struct page_context *c, const struct service *s,
			struct str value, struct buf *out)
{
	struct buf url = BUF_INIT(LIMIT_LOGIN_ADDRESS);
	struct uri u;

	buf_addf(out, "%.*s=%.*s; Path=", STR_ARGS(asked), STR_ARGS(value));
	if (service_login_url(s, c->external, &url) == 0 &&
	    uri_parse(buf_str(&url), &u, NULL) == 0)
		buf_add_str(out, u.path);
	else
		buf_addf(out, "/-/login/%s", s->name);
	buf_addf(out, "; Max-Age=%d; HttpOnly; SameSite=Strict",
		 LIMIT_LOGIN_ASKED);
	buf_fini(&url);
}

/* The cookie is needed where the browser does not say where its form is from.
 */
static void ask_first(const struct page_context *c, const struct service *s,
		      const struct page_request *q, struct str ticket,
		      struct page_reply *out)
{
	struct buf words = BUF_INIT(512), value = BUF_INIT_SECRET(64);

	if (!says_where_from(q)) {
		page_nonce(&value);
		write_asked(c, s, buf_str(&value), &out->cookie);
	}
	page_html(out, 200, STR(""));
	html_begin(&out->body, "Log in?");
	buf_addf(&words,
		 "Another site, or the browser by itself, may have "
		 "opened this page, which logs bearerd in to the service %s.",
		 s->name);
	html_paragraph(&out->body, buf_str(&words));
	buf_add_z(&out->body, "<form method=\"post\">\n");
	if (ticket.n > 0)
		html_hidden(&out->body, STR("ticket"), ticket);
	if (value.n > 0)
		html_hidden(&out->body, asked, buf_str(&value));
	buf_add_z(&out->body, "<button>Log in</button>\n</form>\n");
	html_end(&out->body);
	buf_fini(&words);
	buf_fini(&value);
}

/* A login comes back to one host of those that bearerd has, and a cookie of
 * another would not come along: a browser that begins elsewhere is led there
 * first. Once, for what is before bearerd may hide which host was asked. */
static bool leads_home(const struct page_context *c, const struct service *s,
		       const struct page_request *q, struct page_reply *out)
{
	const struct str here = STR("here");
	struct str host;
	struct uri u;
	int port;
	bool v6;

	if (is_post(q) || parameters_have(q->query, here) ||
	    authority_parse(field_of(q, "Host"), &host, &port, &v6, NULL) < 0 ||
	    service_login_url(s, c->external, &out->location) < 0)
		return false;
	if (uri_parse(buf_str(&out->location), &u, NULL) < 0 ||
	    host_eq(u.host, host)) {
		buf_reset(&out->location);
		return false;
	}
	buf_add_char(&out->location, '?');
	parameters_add(&out->location, q->query, here, STR("1"));
	page_words(out, 303, "Log in", STR("The login begins at the address "
					   "where it will end."));
	return true;
}

void login_page(const struct page_context *c, const struct page_request *q,
		struct page_reply *out)
{
	struct buf ticket = BUF_INIT_SECRET(256);
	struct str name = str_from(q->path, STR("/-/login/").n);
	size_t service;

	if (!find_service(c, name, &service) ||
	    leads_home(c, c->services->v[service], q, out))
		return;
	parameter(carried(q), STR("ticket"), &ticket);
	if (!buf_ok(&ticket)) { /* too long for one that was given out */
		buf_reset(&ticket);
		buf_add_z(&ticket, "too long");
	}
	if (came_unasked(c, q))
		ask_first(c, c->services->v[service], q, buf_str(&ticket), out);
	else if (c->draining)
		out->status = 503;
	else
		out->pending = login_mail_open(c->broker, c->box, service,
					       buf_str(&ticket), q->from,
					       c->answered, c->arg);
	buf_fini(&ticket);
}

/* --- the end --- */

/* The fragment never came to a server: this hands it over, after it is gone
 * from the address and from the history. */
static const char fragment_script[] =
	"const given = location.hash.slice(1);\n"
	"history.replaceState(null, '', location.pathname);\n"
	"const form = document.getElementById('form');\n"
	"for (const [name, value] of new URLSearchParams(given)) {\n"
	"  const field = document.createElement('input');\n"
	"  field.type = 'hidden';\n"
	"  field.name = name;\n"
	"  field.value = value;\n"
	"  form.append(field);\n"
	"}\n"
	"if (given)\n"
	"  HTMLFormElement.prototype.submit.call(form);\n"
	"else\n"
	"  document.getElementById('words').textContent =\n"
	"    'There is nothing here: begin the login again.';\n";

static const char repost_script[] =
	"HTMLFormElement.prototype.submit.call(\n"
	"  document.getElementById('form'));\n";

/* Whether any attempt's cookie has come along; whose, is the broker's to
 * see. */
static bool has_login_cookie(const struct page_request *q)
{
	const struct str name = STR(LOGIN_COOKIE);

	for (size_t i = 0; i < q->fields->n; i++) {
		const struct field *f = &q->fields->v[i];

		if (str_eq_nocase(f->name, STR("Cookie")) &&
		    str_find_str(f->value, name) < f->value.n)
			return true;
	}
	return false;
}

/* The form that another site's page has sent, once more from this one, so
 * that the cookie comes along. */
static void post_again(const struct page_request *q, struct page_reply *out)
{
	struct buf nonce = BUF_INIT(64);
	struct buf name = BUF_INIT(256);
	struct buf value = BUF_INIT_SECRET(LIMIT_PAGE_FORM);
	struct str rest = q->body;

	page_nonce(&nonce);
	page_html(out, 200, buf_str(&nonce));
	html_begin(&out->body, "Logging in");
	buf_add_z(&out->body, "<form id=\"form\" method=\"post\">\n");
	while (form_next(&rest, &name, &value)) {
		if (buf_ok(&name) && buf_ok(&value))
			html_hidden(&out->body, buf_str(&name),
				    buf_str(&value));
	}
	html_hidden(&out->body, again, STR("1"));
	buf_addf(&out->body,
		 "<noscript><button>Go on</button></noscript>\n</form>\n"
		 "<script nonce=\"%s\">\n%s</script>\n", buf_z(&nonce),
		 repost_script);
	html_end(&out->body);
	buf_fini(&nonce);
	buf_fini(&name);
	buf_fini(&value);
	/* Escaped, and with a field's markup around each, it grows. */
	if (buf_ok(&out->body))
		return;
	buf_reset(&out->body);
	buf_reset(&out->policy);
	page_words(out, 413, "Not logged in",
		   STR("the form that came back is too large; begin again"));
}

/* Whether what comes back to a service is in the fragment; its redirect_uri
 * may have a query all the same. */
static bool in_fragment(const struct page_context *c, size_t service)
{
	const struct service *s;

	if (service == LOGIN_ANY_SERVICE)
		return true;
	s = c->services->v[service];
	return s->grant->response_type != NULL &&
	       authorization_in_fragment(s->section, s->grant);
}

static void ask_broker(const struct page_context *c,
		       const struct page_request *q, size_t service,
		       struct page_reply *out)
{
	struct buf cookies = BUF_INIT_SECRET(LIMIT_PAGE_FORM);

	for (size_t i = 0; i < q->fields->n; i++) {
		const struct field *f = &q->fields->v[i];

		if (!str_eq_nocase(f->name, STR("Cookie")))
			continue;
		if (buf_str(&cookies).n > 0)
			buf_add_z(&cookies, "; ");
		buf_add_str(&cookies, f->value);
	}
	out->pending = login_mail_callback(c->broker, c->box, service,
					   buf_str(&cookies), carried(q),
					   c->answered, c->arg);
	buf_fini(&cookies);
}

void callback_page(const struct page_context *c, const struct page_request *q,
		   struct page_reply *out)
{
	const struct str base = STR("/-/callback/");
	size_t service = LOGIN_ANY_SERVICE;

	if (q->path.n > base.n &&
	    !find_service(c, str_from(q->path, base.n), &service))
		return;
	if (!is_post(q) && !parameters_have(q->query, STR("state")) &&
	    in_fragment(c, service)) {
		page_with_script(out, "Logging in", fragment_script);
		return;
	}
	if (is_post(q) && !parameters_have(q->body, again) &&
	    !has_login_cookie(q)) {
		post_again(q, out);
		return;
	}
	if (c->draining)
		out->status = 503;
	else
		ask_broker(c, q, service, out);
}

/* --- what the broker says --- */

static void device_page(struct login_reply *r, struct page_reply *out)
{
	struct str uri = buf_str(&r->verification_uri);

	page_html(out, 200, STR(""));
	html_begin(&out->body, "Log in with a code");
	buf_add_z(&out->body, "<p>Open <a rel=\"noreferrer\" href=\"");
	html_text(&out->body, uri);
	buf_add_z(&out->body, "\">");
	html_text(&out->body, uri);
	buf_add_z(&out->body, "</a> and enter this code:</p>\n<p><code>");
	html_text(&out->body, buf_str(&r->user_code));
	buf_add_z(&out->body, "</code></p>\n<p>The service works as soon as "
			      "that is done; this page does not change.</p>\n");
	html_end(&out->body);
}

void login_page_answered(struct login_reply *r, struct page_reply *out)
{
	buf_add_str(&out->cookie, buf_str(&r->cookie));
	if (r->status == 303) {
		out->status = 303;
		buf_add_str(&out->location, buf_str(&r->location));
		page_words(out, 303, "Log in", STR("The login goes on at the "
						   "authorization server."));
	} else if (buf_str(&r->user_code).n > 0) {
		device_page(r, out);
	} else {
		page_words(out, r->status,
			   r->status == 200 ? "Logged in" : "Not logged in",
			   str_z(r->text.text));
	}
}
