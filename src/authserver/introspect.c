/* SPDX-License-Identifier: MIT */
/* Asks the server about a session's token once, for bearerd status -v. */
#include "authserver/introspect.h"

#include "authserver/call.h"
#include "oauth/token/introspection.h"

static void introspect_end(struct introspect *i, struct json *reply,
			   const struct fault *why)
{
	secret_unref(&i->token);
	i->done(i->arg, reply, why);
}

static bool introspect_hides(void *arg, struct str text)
{
	return call_repeats(arg, text);
}

static void introspect_read(struct introspect *i, struct call *c,
			    const struct fetch_response *response)
{
	struct json *reply = NULL, *clean = NULL;
	struct oauth_error error;
	struct fault why;

	switch (introspection_reply_read(
		response->status, call_media_type(response), response->body,
		&reply, &error, &why)) {
	case TOKEN_OK:
		clean = introspection_clean(reply, introspect_hides, c);
		break;
	case TOKEN_ERROR:
	case TOKEN_UNAVAILABLE:
		call_clean(c, &error);
		fault_set(&why, "%s answered with status %d: %s",
			  call_authority(c), error.status,
			  reply_error_text(&error).text);
		break;
	case TOKEN_BAD:
		break;
	}
	if (!clean)
		discovery_doubt(i->client, response->status);
	json_free(&reply);
	introspect_end(i, clean, clean ? NULL : &why);
}

static void introspect_on_response(void *arg, struct call *c,
				   const struct fetch_response *response,
				   const struct transfer_fault *fault)
{
	struct introspect *i = arg;

	i->call = NULL;
	if (response)
		introspect_read(i, c, response);
	else
		introspect_end(i, NULL, &fault->text);
}

static int introspect_build(const struct token_asking *a,
			    struct token_request *r, struct fault *f)
{
	const struct introspect *i = a->arg;

	return introspection_request(i->token, r, f);
}

static void introspect_on_found(void *arg, const struct session_trouble *t)
{
	struct introspect *i = arg;
	const struct secret *secrets[] = { i->token, i->session->refresh_token,
					   NULL };
	struct fault f;

	if (t) {
		introspect_end(i, NULL, &t->text);
		return;
	}
	i->call = call_start(
		i->client,
		&(struct call_request){
			.to = ENDPOINT_INTROSPECTION,
			.asking.arg = i,
			.build = introspect_build,
			.secrets = secrets,
		},
		introspect_on_response, i, &f);
	if (!i->call)
		introspect_end(i, NULL, &f);
}

void introspect_start(struct introspect *i, struct as_client *client,
		      const struct session *session, introspect_done_fn *done,
		      void *arg)
{
	struct token *t =
		session_token(session, loop_now(client->context->loop));
	struct fault f;

	i->client = client;
	i->session = session;
	i->done = done;
	i->arg = arg;
	if (!t) {
		fault_set(&f, "there is no token to ask about");
		introspect_end(i, NULL, &f);
		return;
	}
	i->token = secret_ref(t->access_token);
	discovery_want(client, ENDPOINT_INTROSPECTION, &i->found,
		       introspect_on_found, i);
}

void introspect_cancel(struct introspect *i)
{
	discovery_unwant(&i->found);
	call_cancel(&i->call);
	secret_unref(&i->token);
}
