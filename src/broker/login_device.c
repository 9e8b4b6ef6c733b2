/* SPDX-License-Identifier: MIT */
/* The login of a machine without a browser (RFC 8628): codes are asked for,
 * shown, and the token endpoint is polled until the person has entered one
 * elsewhere. */
#include <string.h>

#include "authserver/call.h"
#include "base/limits.h"
#include "broker/login_int.h"
#include "oauth/grant/grant.h"

enum {
	DEVICE_SLOWER = 5000,           /* ms, of slow_down (§3.5) */
	DEVICE_INTERVAL_LAST = LIMIT_DEVICE_INTERVAL * 1000, /* ms */
};

static void device_failed(struct login *l, const char *what,
			  const struct fault *why)
{
	struct fault text;

	fault_set(&text, "[service %s]: %s: %s", login_service(l)->name, what,
		  why->text);
	login_fail(l, 400, &text);
}

/* --- where the server is --- */

static void device_on_token_endpoint(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;

	if (t)
		login_fail(l, 400, &t->text);
	else
		login_go(l, LOGIN_DEVICE_CODES);
}

static void device_on_endpoint(void *arg, const struct session_trouble *t)
{
	struct login *l = arg;
	struct fault text;

	if (!t) {
		discovery_want(&l->entry->client, ENDPOINT_TOKEN, &l->found,
			       device_on_token_endpoint, l);
		return;
	}
	fault_set(&text,
		  "%s; without it this service cannot be logged in to "
		  "with --device",
		  t->text.text);
	login_fail(l, 400, &text);
}

void login_device_locate(struct login *l)
{
	login_wait(l);
	discovery_want(&l->entry->client, ENDPOINT_DEVICE_AUTHORIZATION,
		       &l->found, device_on_endpoint, l);
}

/* --- the codes --- */

static void device_show(struct login *l)
{
	const struct device_authorization *d = &l->device;
	struct login_news news = {
		.address = d->verification_uri,
		.user_code = d->user_code,
		.address_complete = d->verification_uri_complete,
		.expires = l->until,
	};
	struct login_reply reply;

	if (l->reply) {
		login_reply_init(&reply);
		reply.status = 200;
		buf_add_z(&reply.user_code, d->user_code);
		buf_add_z(&reply.verification_uri,
			  d->verification_uri_complete ?
				  d->verification_uri_complete :
				  d->verification_uri);
		l->reply(l->reply_arg, &reply);
		l->reply = NULL;
		login_reply_fini(&reply);
	}
	if (l->news)
		l->news(l->arg, &news);
}

static void device_begun(struct login *l, int64_t sent)
{
	l->until = sent + l->device.expires_in * 1000;
	l->interval = l->device.interval * 1000;
	logins_arm(&l->entry->broker->logins);
	device_show(l);
	login_go(l, LOGIN_DEVICE_WAIT);
}

static void device_read(struct login *l, struct call *c,
			const struct fetch_response *response)
{
	struct oauth_error error;
	struct fault text;
	int64_t wall, sent = call_sent(c, &wall);

	switch (device_reply_read(
		compliance_response(login_service(l)->compliance,
				    call_phase(c)),
		response->status, call_media_type(response), response->body,
		wall, &l->device, &error, &text)) {
	case TOKEN_OK:
		device_begun(l, sent);
		return;
	case TOKEN_ERROR:
	case TOKEN_UNAVAILABLE:
		call_clean(c, &error);
		fault_set(&text, "the server answered with status %d: %s",
			  error.status, reply_error_text(&error).text);
		break;
	case TOKEN_BAD:
		break;
	}
	device_failed(l, "there is no code for a device", &text);
}

static void device_on_codes(void *arg, struct call *c,
			    const struct fetch_response *response,
			    const struct transfer_fault *fault)
{
	struct login *l = arg;

	l->call = NULL;
	if (fault)
		device_failed(l, "device_authorization_endpoint",
			      &fault->text);
	else
		device_read(l, c, response);
}

/* Both endpoints are known: that of the codes, and that of the tokens. */
void login_device_codes(struct login *l)
{
	struct fault text;
	struct call_request r = {
		.to = ENDPOINT_DEVICE_AUTHORIZATION,
		.build = device_request,
	};

	login_wait(l);
	l->call = call_start(&l->entry->client, &r, device_on_codes, l, &text);
	if (!l->call)
		login_fail(l, 400, &text);
}

/* --- polling --- */

/* What a refusal means (§3.5): whether to go on, faster or slower. */
static bool device_goes_on(struct login *l,
			   const struct token_call_reply *reply)
{
	int status = reply->error.status;

	if (strcmp(reply->error.code, "slow_down") == 0 && status < 429) {
		l->interval += DEVICE_SLOWER;
		return true;
	}
	if (reply->trouble.trouble == REFRESH_UNAVAILABLE) {
		if (l->interval < DEVICE_INTERVAL_LAST / 2)
			l->interval *= 2;
		else if (l->interval < DEVICE_INTERVAL_LAST)
			l->interval = DEVICE_INTERVAL_LAST;
		return true;
	}
	return strcmp(reply->error.code, "authorization_pending") == 0;
}

static void device_refused(struct login *l,
			   const struct token_call_reply *reply)
{
	struct fault text = reply->trouble.text;

	if (strcmp(reply->error.code, "access_denied") == 0)
		fault_set(&text, "the person at the other device refused");
	else if (strcmp(reply->error.code, "expired_token") == 0)
		fault_set(&text, "the code has expired; begin again");
	login_fail(l, 400, &text);
}

static void device_on_reply(void *arg, const struct token_call_reply *reply)
{
	struct login *l = arg;
	struct broker *b = l->entry->broker;

	l->token_call = NULL;
	if (reply->token) {
		login_is_back(l);
		login_take(l, reply);
	} else {
		login_let_go(l);
		if (device_goes_on(l, reply))
			login_go(l, LOGIN_DEVICE_WAIT);
		else
			device_refused(l, reply);
	}
	as_context_runs(&b->context, -1);
}

/* The session is busy for as long as a poll takes, and requests hear of that
 * nothing. */
void login_device_poll(struct login *l)
{
	struct entry *e = l->entry;
	struct fault text;

	login_wait(l);
	l->token_call = token_call_start(
		&e->client,
		&(struct token_call_request){
			.grant = &grant_device_code,
			.old = e->session.token,
			.key = login_key(l),
			.asking.device_code = l->device.device_code,
		},
		device_on_reply, l, &text);
	if (l->token_call)
		as_context_runs(&e->broker->context, 1);
	else
		login_fail(l, 400, &text);
}

/* The session is not busy. */
static void device_on_turn(void *arg, struct entry *e)
{
	struct login *l = arg;

	if (e->broker->context.stopping)
		return;
	l->generation = e->session.generation;
	l->holds = true;
	session_poll_begins(&e->session);
	login_go(l, LOGIN_DEVICE_POLL);
}

static void device_on_time(void *arg)
{
	struct login *l = arg;

	entry_wait(l->entry, &l->wait, device_on_turn, l);
}

void login_device_wait(struct login *l)
{
	login_wait(l);
	loop_timer_init(&l->poll, device_on_time, l);
	loop_timer_set(l->entry->broker->context.loop, &l->poll, l->interval);
}
