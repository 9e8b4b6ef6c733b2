/* SPDX-License-Identifier: MIT */
/* Health documents: what a monitoring agent or a load balancer asks for. They
 * are made from the asking worker's own view and hold none but fixed words,
 * so that no server's text and no secret can get into one. */

#include "page/health.h"

#include "data/json.h"

enum health { HEALTH_PASS, HEALTH_WARN, HEALTH_FAIL };

static const char *const health_words[] = { "pass", "warn", "fail" };

static const char health_type[] = "application/health+json";

/* A session that works passes; one that works while its renewal fails, whose
 * login ends soon, or that waits for its first login, warns; one that can serve
 * nothing fails. */
static enum health health_session(const struct page_context *c, size_t service)
{
	const struct snapshot *s = session_view_get(c->view, service);
	bool usable = snapshot_usable(s, c->now);

	if (s->state == SESSION_WAITING_FOR_LOGIN)
		return usable || !s->known ? HEALTH_WARN : HEALTH_FAIL;
	if (s->failure.status != 0)
		return usable ? HEALTH_WARN : HEALTH_FAIL;
	if (s->state == SESSION_FAILING)
		return HEALTH_FAIL;
	return c->now >= s->login_warns ? HEALTH_WARN : HEALTH_PASS;
}

static enum health health_worse(enum health a, enum health b)
{
	return a > b ? a : b;
}

static void health_begin(struct json_out *o, struct page_reply *out,
			 enum health whole)
{
	out->status = whole == HEALTH_FAIL ? 503 : 200;
	out->content_type = health_type;
	json_out_init(o, &out->body);
	json_out_object(o);
	json_out_key(o, "status");
	json_out_z(o, health_words[whole]);
	json_out_key(o, "version");
	json_out_z(o, PACKAGE_VERSION);
}

static void health_end(struct json_out *o, struct page_reply *out)
{
	json_out_object_end(o);
	buf_add_char(&out->body, '\n');
	if (!buf_ok(&out->body)) {
		buf_reset(&out->body);
		out->status = 500;
	}
}

/* "key": [ { "componentType": …, "status": …[, "observedValue": …] } ] */
static void health_check(struct json_out *o, struct str key, const char *type,
			 const char *value, enum health health)
{
	json_out_key_str(o, key);
	json_out_array(o);
	json_out_object(o);
	json_out_key(o, "componentType");
	json_out_z(o, type);
	if (value) {
		json_out_key(o, "observedValue");
		json_out_z(o, value);
	}
	json_out_key(o, "status");
	json_out_z(o, health_words[health]);
	json_out_object_end(o);
	json_out_array_end(o);
}

static void health_session_check(struct json_out *o,
				 const struct page_context *c, size_t service)
{
	const struct snapshot *s = session_view_get(c->view, service);
	ATTR_CLEANUP(buf_fini) struct buf key = BUF_INIT(64);

	buf_addf(&key, "session:%s", c->services->v[service]->name);
	health_check(o, buf_str(&key), "component",
		     session_state_name(s->state), health_session(c, service));
}

void health_all(const struct page_context *c,
		const struct page_request *q ATTR_UNUSED,
		struct page_reply *out)
{
	enum health store = c->store_ok ? HEALTH_PASS : HEALTH_WARN;
	enum health whole = store;
	struct json_out o;

	for (size_t i = 0; i < c->services->n; i++)
		whole = health_worse(whole, health_session(c, i));
	health_begin(&o, out, whole);
	json_out_key(&o, "checks");
	json_out_object(&o);
	health_check(&o, STR("store"), "datastore", NULL, store);
	for (size_t i = 0; i < c->services->n; i++)
		health_session_check(&o, c, i);
	json_out_object_end(&o);
	health_end(&o, out);
}

void health_service(const struct page_context *c, const struct page_request *q,
		    struct page_reply *out)
{
	struct str name = str_from(q->path, STR("/-/health/").n);
	struct json_out o;

	for (size_t i = 0; i < c->services->n; i++) {
		if (!str_eq_z(name, c->services->v[i]->name))
			continue;
		health_begin(&o, out, health_session(c, i));
		json_out_key(&o, "checks");
		json_out_object(&o);
		health_session_check(&o, c, i);
		json_out_object_end(&o);
		health_end(&o, out);
		return;
	}
	out->status = 404;
}

static void health_single(struct page_reply *out, bool good)
{
	struct json_out o;

	health_begin(&o, out, good ? HEALTH_PASS : HEALTH_FAIL);
	health_end(&o, out);
}

void health_live(const struct page_context *c,
		 const struct page_request *q ATTR_UNUSED,
		 struct page_reply *out)
{
	health_single(out, c->live);
}

void health_ready(const struct page_context *c,
		  const struct page_request *q ATTR_UNUSED,
		  struct page_reply *out)
{
	health_single(out, c->ready);
}
