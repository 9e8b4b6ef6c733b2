/* SPDX-License-Identifier: MIT */
/* What comes back to a login. Input: COOKIES LF PARAMETERS LF LINE, where the
 * line is typed in; "$S" stands for the state of the attempt, "$N" and "$C"
 * for its cookie's name and value. Nothing but the right state from the right
 * browser may ever be taken. */
#include "data/form.h"
#include "people.h"

enum { TEXT_MAX = 4 << 20 };

/* What was said of an attempt. */
struct outcome {
	int n;
	bool ended;
	int status;
	char text[FAULT_TEXT_MAX];
	char state[64], cookie[256];
};

static void keep_state(struct outcome *o, const char *address)
{
	const char *at = strstr(address, "state=");

	ASSERT(at);
	(void)snprintf(o->state, sizeof(o->state), "%.*s",
		       (int)strcspn(at + 6, "&"), at + 6);
	ASSERT(strlen(o->state) == 43);
}

static void on_reply(void *arg, struct login_reply *r)
{
	struct outcome *o = arg;

	o->n++;
	o->status = r->status;
	(void)snprintf(o->text, sizeof(o->text), "%s", r->text.text);
	(void)snprintf(o->cookie, sizeof(o->cookie), "%.*s",
		       (int)strcspn(buf_z(&r->cookie), ";"),
		       buf_z(&r->cookie));
	if (r->status == 303)
		keep_state(o, buf_z(&r->location));
}

static void on_news(void *arg, const struct login_news *news)
{
	struct outcome *o = arg;

	o->n++;
	o->ended = news->ended;
	if (news->ended)
		(void)snprintf(o->text, sizeof(o->text), "%s",
			       news->text.text);
	else if (!news->refusal)
		keep_state(o, news->address);
}

/* The input's text with what this attempt has in place of the names. */
static void fill_in(struct str text, const struct outcome *o, struct buf *out)
{
	size_t name = strcspn(o->cookie, "=");

	for (size_t i = 0; i < text.n; i++) {
		struct str two = str_sub(text, i, 2);

		if (str_eq(two, STR("$S")))
			buf_add_z(out, o->state);
		else if (str_eq(two, STR("$N")))
			buf_add(out, o->cookie, name);
		else if (str_eq(two, STR("$C")) && o->cookie[0])
			buf_add_z(out, o->cookie + name + 1);
		else
			two.n = 0;
		if (two.n == 0)
			buf_add_char(out, text.p[i]);
		else
			i++;
	}
}

/* How many parameters are the right state; *others: how many are another. */
static int states_in(struct str raw, const char *state, int *others)
{
	struct buf name = BUF_INIT(64), value = BUF_INIT(TEXT_MAX);
	int n = 0;

	*others = 0;
	while (form_next(&raw, &name, &value)) {
		if (!buf_ok(&name) || !str_eq_z(buf_str(&name), "state"))
			continue;
		if (buf_ok(&value) && str_eq_z(buf_str(&value), state))
			n++;
		else
			++*others;
	}
	buf_fini(&name);
	buf_fini(&value);
	return n;
}

/* Taken as far as it can be while nothing new is to begin. */
static bool was_taken(const struct outcome *o)
{
	return strstr(o->text, "shutting down") != NULL;
}

static bool was_refused(const struct outcome *o)
{
	return strstr(o->text, "the authorization server") != NULL &&
	       strstr(o->text, "cannot be used") == NULL;
}

static void check_callback(struct broker *b, struct str cookies,
			   struct str parameters)
{
	struct buf shown = BUF_INIT(TEXT_MAX), given = BUF_INIT(TEXT_MAX);
	struct outcome begun = { 0 }, back = { 0 };
	struct entry *p = broker_entry(b, 0);
	int others;

	login_open(p, STR(""), STR("192.0.2.1"), on_reply, &begun);
	ASSERT(begun.n == 1 && begun.status == 303);
	fill_in(cookies, &begun, &shown);
	fill_in(parameters, &begun, &given);
	b->context.stopping = true;
	login_callback(b, p, buf_str(&shown), buf_str(&given), on_reply,
		       &back);
	b->context.stopping = false;
	ASSERT(back.n == 1 && back.status == 400 && back.text[0]);
	ASSERT(people_plain(str_z(back.text)));
	if (was_taken(&back) || was_refused(&back)) {
		ASSERT(states_in(buf_str(&given), begun.state, &others) == 1);
		ASSERT(others == 0);
		ASSERT(str_find_str(buf_str(&shown), str_z(begun.cookie)) <
		       shown.n);
		ASSERT(list_empty(&b->logins.all));
	} else {
		ASSERT(!list_empty(&b->logins.all));
	}
	logins_end(&b->logins);
	ASSERT(!session_is_busy(&p->session));
	buf_fini(&shown);
	buf_fini(&given);
}

/* The parameters of a pasted address are those behind "?" or behind "#". */
static bool address_has_state(struct str line, const char *state)
{
	int others;

	for (size_t i = 0; i <= line.n; i++) {
		if (i > 0 && line.p[i - 1] != '?' && line.p[i - 1] != '#')
			continue;
		for (size_t end = i; end <= line.n; end++) {
			if (end < line.n && line.p[end] != '#')
				continue;
			if (states_in(str_sub(line, i, end - i), state,
				      &others) == 1)
				return true;
		}
	}
	return false;
}

static void check_paste(struct broker *b, struct str typed)
{
	struct buf line = BUF_INIT(TEXT_MAX);
	struct outcome o = { 0 };
	struct fault f = { "" };
	struct login *l;
	int rc;

	l = login_begin(broker_entry(b, 0), LOGIN_PASTE, on_news, &o, &f);
	ASSERT(l && o.n == 0);
	loop_turn(b->context.loop, 0);
	ASSERT(o.n == 1 && !o.ended);
	fill_in(typed, &o, &line);
	b->context.stopping = true;
	rc = login_paste(l, buf_str(&line), &f);
	b->context.stopping = false;
	ASSERT((rc == 0) == o.ended);
	ASSERT((rc == 0) == list_empty(&b->logins.all));
	if (rc < 0)
		ASSERT(f.text[0] && people_plain(str_z(f.text)));
	else if (str_find_str(buf_str(&line), STR("://")) < line.n)
		ASSERT(address_has_state(buf_str(&line), o.state));
	if (rc == 0)
		ASSERT(people_plain(str_z(o.text)));
	logins_end(&b->logins);
	ASSERT(!session_is_busy(&broker_entry(b, 0)->session));
	buf_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct str cookies = fuzz_part(&rest, '\n');
	struct str parameters = fuzz_part(&rest, '\n');
	struct broker *b = people_broker();

	if (size > 64 * 1024)
		return 0;
	check_callback(b, cookies, parameters);
	check_paste(b, rest);
	return 0;
}
