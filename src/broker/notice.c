/* SPDX-License-Identifier: MIT */
/* Tells one notice: starts the program of notify with it in the environment,
 * and posts it to notify_url. What becomes of that is logged, and changes
 * nothing else. */
#include "broker/notice.h"

#include "base/alloc.h"
#include "base/environment.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/program.h"
#include "broker/broker_int.h"
#include "data/json.h"
#include "oauth/token/reply.h"
#include "upstream/fetch.h"

struct notice *notice_new(struct entry *e, const char *event, char *login_url,
			  char *expires_at)
{
	struct notice *n = mem_new(struct notice);

	list_init(&n->node);
	n->entry = e;
	n->event = event;
	n->login_url = login_url;
	n->expires_at = expires_at;
	return n;
}

void notice_free(struct notice **np)
{
	struct notice *n = *np;

	*np = NULL;
	if (!n)
		return;
	list_remove(&n->node);
	program_cancel(&n->program);
	fetch_cancel(&n->fetch);
	mem_free(n->login_url);
	mem_free(n->expires_at);
	mem_free(n);
}

static const struct service *service_of(const struct notice *n)
{
	return n->entry->session.service;
}

static const struct services *services_of(const struct notice *n)
{
	return n->entry->broker->services;
}

/* --- its end --- */

void notice_log_failure(const struct notice *n, const char *why)
{
	log_warning(EV("notify_failed"), KV("service", service_of(n)->name),
		    KV("notice", n->event), KV("reason", why));
}

static void log_failure(const struct notice *n, const char *key,
			const struct fault *why, const char *words)
{
	log_warning(EV("notify_failed"), KV("service", service_of(n)->name),
		    KV("notice", n->event), KV("key", key), KV("reason", why),
		    KV("stderr", words));
}

static void notice_ended(struct notice *n)
{
	if (--n->under_way == 0)
		n->done(n);
}

static void on_program(void *arg, const struct program_end *end)
{
	struct notice *n = arg;
	struct fault f;
	char words[256];

	n->program = NULL;
	if (program_trouble(end, &f)) {
		reply_words(words, sizeof(words), str_trim(end->err));
		fault_prefix(&f, "%s", services_of(n)->proxy->notify.v[0]);
		log_failure(n, "notify", &f, words[0] ? words : NULL);
	}
	notice_ended(n);
}

static void on_answer(void *arg, const struct fetch_response *r,
		      const struct transfer_fault *fault)
{
	struct notice *n = arg;
	struct fault f;

	n->fetch = NULL;
	if (fault) {
		log_failure(n, "notify_url", &fault->text, NULL);
	} else if (r->status < 200 || r->status > 299) {
		fault_set(&f, "it is answered with status %d%s", r->status,
			  r->status > 299 && r->status < 400 ?
				  "; redirects are not followed" :
				  "");
		log_failure(n, "notify_url", &f, NULL);
	}
	notice_ended(n);
}

/* --- how it begins --- */

static char *variable(const char *name, const char *value)
{
	struct buf b = BUF_INIT(LIMIT_LOGIN_ADDRESS + 64);

	buf_addf(&b, "%s=%s", name, value ? value : "");
	return buf_take(&b);
}

static int start_program(struct notice *n, struct fault *f)
{
	const struct services *s = services_of(n);
	char *own[] = {
		variable("BEARERD_EVENT", n->event),
		variable("BEARERD_SERVICE", service_of(n)->name),
		variable("BEARERD_LOGIN_URL", n->login_url),
		variable("BEARERD_EXPIRES_AT", n->expires_at),
		NULL,
	};
	char **env = environment_without_secrets(own);

	if (config_hold_program(s->config, s->proxy->notify.v[0], f) == 0)
		n->program = program_start(
			n->entry->broker->context.loop,
			&(struct program_spec){
				.argv = s->proxy->notify.v,
				.env = env,
				.timeout = service_of(n)->tokens->token_timeout,
				.max_output = LIMIT_NOTICE_ANSWER,
			},
			on_program, n, f);
	mem_free(env);
	for (char **v = own; *v; v++)
		mem_free(*v);
	return n->program ? 0 : -1;
}

static void write_json(const struct notice *n, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o);
	json_out_text(&o, "event", n->event);
	json_out_text(&o, "service", service_of(n)->name);
	json_out_text(&o, "login_url", n->login_url);
	json_out_text(&o, "expires_at", n->expires_at);
	json_out_object_end(&o);
}

static void ask_url(struct notice *n)
{
	const struct endpoint *to = &services_of(n)->notify_url;
	ATTR_CLEANUP(buf_fini)
	struct buf body = BUF_INIT(2 * LIMIT_LOGIN_ADDRESS);
	struct arena arena = { 0 };
	struct fields fields;

	write_json(n, &body);
	fields_init(&fields, &arena);
	fields_add(&fields, STR("Host"), str_z(to->origin.authority));
	fields_add(&fields, STR("User-Agent"), STR("bearerd/" PACKAGE_VERSION));
	fields_add(&fields, STR("Content-Type"), STR("application/json"));
	n->fetch = fetch_start(
		n->entry->broker->context.upstream,
		&(struct fetch_request){
			.origin = &to->origin,
			.method = STR("POST"),
			.target = str_z(to->target),
			.fields = &fields,
			.body = buf_str(&body),
			.timeout = service_of(n)->tokens->token_timeout,
			.max_body = LIMIT_NOTICE_ANSWER,
		},
		on_answer, n);
	arena_fini(&arena);
}

void notice_tell(struct notice *n, void (*done)(struct notice *n))
{
	const struct services *s = services_of(n);
	struct fault f;

	log_info(EV("notify"), KV("service", service_of(n)->name),
		 KV("notice", n->event));
	n->done = done;
	n->under_way = 1; /* this function */
	if (s->proxy->notify.n > 0) {
		if (start_program(n, &f) == 0)
			n->under_way++;
		else
			log_failure(n, "notify", &f, NULL);
	}
	if (s->notify_url.url) {
		n->under_way++;
		ask_url(n);
	}
	notice_ended(n);
}
