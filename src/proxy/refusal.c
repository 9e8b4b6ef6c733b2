/* SPDX-License-Identifier: MIT */
/* Tells from the upstream's answer whether the token was refused. The relay
 * step asks, before the answer passes on. */
#include "proxy/refusal.h"

#include "config/pairs.h"
#include "data/json.h"
#include "data/json_path.h"
#include "http/content_coding.h"
#include "oauth/grant/grant.h"
#include "proxy/exchange.h"
#include "proxy/worker.h"
#include "service/service.h"

static bool by_status(const struct exchange *x)
{
	const struct config_numbers *statuses =
		&x->route.service->tokens->refresh_status;

	for (size_t i = 0; i < statuses->n; i++) {
		if (statuses->v[i] == x->upstream.status)
			return true;
	}
	return false;
}

/* The length that the answer names; false: it names none. */
static bool named_length(const struct exchange *x, uint64_t *n)
{
	const struct fields *fields = &x->upstream.answer;
	const struct field *f = fields_find(fields, STR("Content-Length"));

	return f && !fields_find(fields, STR("Transfer-Encoding")) &&
	       str_u64(str_trim(f->value), INT64_MAX, n);
}

/* By its Content-Type; some servers call it text, and then name its length:
 * text may also be what a person reads as it comes. */
static bool may_be_json(const struct exchange *x, bool has_length)
{
	const struct field *f =
		fields_find(&x->upstream.answer, STR("Content-Type"));
	struct str type = f ? f->value : STR("");

	type = str_trim(str_sub(type, 0, str_find(type, ';')));
	if (str_eq_nocase(type, STR("application/json")) ||
	    str_eq_nocase(type, STR("text/json")) ||
	    str_eq_nocase(type, STR("text/javascript")))
		return true;
	if (type.n > 5 &&
	    str_eq_nocase(str_from(type, type.n - 5), STR("+json")))
		return true;
	return has_length && (type.n == 0 ||
			      str_eq_nocase(type, STR("text/plain")));
}

/* Whether anything would come of it. */
static bool is_asked(const struct exchange *x)
{
	const struct service *s = x->route.service;

	return s->tokens->refresh_if.n > 0 &&
	       s->tokens->replay == REPLAY_SAFE &&
	       grant_asks(s->session_of->grant, s->session_section);
}

static bool is_looked_at(const struct exchange *x)
{
	uint64_t length = 0;
	bool has_length = named_length(x, &length);

	return is_asked(x) &&
	       status_has_body(x->upstream.status) &&
	       x->upstream.status >= 200 &&
	       !str_eq(x->upstream.method, STR("HEAD")) &&
	       length <= LIMIT_REFUSAL_BODY && may_be_json(x, has_length);
}

/* Whether more of it may still come in time. */
static bool is_awaited(struct exchange *x)
{
	int64_t due = x->upstream.head_at + LIMIT_REFUSAL_WAIT;
	uint64_t length;

	if (x->upstream.state != UPSTREAM_ANSWERS ||
	    spool_str(&x->upstream.body).n > LIMIT_REFUSAL_BODY)
		return false;
	if (named_length(x, &length))
		return true;
	if (loop_now(x->worker->loop) >= due)
		return false;
	loop_timer_set_at(x->worker->loop, &x->answer.timer, due);
	return true;
}

static bool says_so(const struct exchange *x, const struct json *j)
{
	const struct config_list *tests =
		&x->route.service->tokens->refresh_if;

	for (size_t i = 0; i < tests->n; i++) {
		struct str path, value;

		config_pair(tests, i, &path, &value);
		if (json_fits(json_path(j, str_trim(path)), str_trim(value)))
			return true;
	}
	return false;
}

/* Content codings are undone for this look alone. */
static bool by_body(const struct exchange *x)
{
	ATTR_CLEANUP(buf_fini) struct buf out =
		BUF_INIT_SECRET(LIMIT_REFUSAL_PLAIN);
	struct str body = spool_str(&x->upstream.body);
	struct json *j = NULL;
	bool refused;

	if (body.n > LIMIT_REFUSAL_BODY)
		return false;
	switch (content_coding_undo(&x->upstream.answer, body, &out, NULL)) {
	case CONTENT_CODING_NONE:
		j = json_parse(body, NULL);
		break;
	case CONTENT_CODING_UNDONE:
		j = json_parse(buf_str(&out), NULL);
		break;
	case CONTENT_CODING_UNKNOWN:
	case CONTENT_CODING_DAMAGED:
	case CONTENT_CODING_LARGE:
		break;
	}
	refused = j && says_so(x, j);
	json_free(&j);
	return refused;
}

enum refusal refusal_look(struct exchange *x)
{
	if (x->upstream.status == 401 && by_status(x))
		return REFUSAL_BY_STATUS;
	if (is_looked_at(x)) {
		if (is_awaited(x))
			return REFUSAL_NOT_KNOWN;
		if (x->upstream.state == UPSTREAM_ANSWERED && by_body(x))
			return REFUSAL_BY_BODY;
	}
	return by_status(x) ? REFUSAL_BY_STATUS : REFUSAL_IS_NONE;
}

void refusal_body(struct exchange *x)
{
	if (x->answer.state == ANSWER_AWAITED && x->route.snapshot &&
	    is_asked(x) &&
	    spool_str(&x->upstream.body).n > LIMIT_REFUSAL_BODY)
		loop_task_add(x->worker->loop, &x->upstream.task);
}
