/* SPDX-License-Identifier: MIT */
/* Decides whether there is room for a login, before it begins. Anybody may open
 * a page whose address allow_from has: logins of one address that came in a
 * burst make room for each other, and where there are too many in all, the
 * newest is refused. Commands come from bearerd's own user or root, and the
 * oldest login of theirs makes room. */
#include "broker/login_limit.h"

#include "base/limits.h"
#include "broker/login_int.h"

static struct login *login_of(struct list *node)
{
	return list_entry(node, struct login, node);
}

struct counts {
	size_t address, service, all;
};

/* Those that pages began and nobody has come back from. */
static struct counts count(const struct entry *e, struct str from)
{
	struct counts n = { 0 };

	list_each(it, &e->broker->logins.all) {
		const struct login *l = login_of(it);

		if (l->back || !l->from[0])
			continue;
		n.all++;
		n.service += l->entry == e;
		n.address += str_eq_z(from, l->from);
	}
	return n;
}

/* An attempt with a code for another device asks the server all the time. */
static size_t of_service(const struct entry *e)
{
	return e->session.service->grant->response_type ?
		       LIMIT_LOGINS_SERVICE :
		       LIMIT_LOGINS_DEVICE;
}

/* One of an address, which has as many as it may: a person begins a login now
 * and then, a flood many at once. The first has none before it. */
static struct login *of_a_burst(const struct entry *e, struct str from,
				size_t n)
{
	struct login *before = NULL, *found = NULL;
	int64_t least = INT64_MAX;

	list_each(it, &e->broker->logins.all) {
		struct login *l = login_of(it);

		if (l->back || !str_eq_z(from, l->from))
			continue;
		if (n-- < LIMIT_LOGINS_RECENT)
			break;
		if (before && l->begun - before->begun < least) {
			least = l->begun - before->begun;
			found = l;
		}
		before = l;
	}
	return found;
}

int login_limit_page(const struct entry *e, struct str from, struct fault *f)
{
	struct counts n = count(e, from);
	const char *name = e->session.service->name;
	struct fault text;

	if (n.service >= of_service(e) || n.all >= LIMIT_LOGINS_ALL)
		return fault_set(f, "too many logins were begun and not "
				 "finished: wait for ten minutes, or use "
				 "bearerd login %s", name);
	if (n.address < LIMIT_LOGINS_ADDRESS)
		return 0;
	fault_set(&text, "too many logins were begun from this address; begin "
			 "again");
	login_end(of_a_burst(e, from, n.address), &text);
	return 0;
}

void login_limit_command(const struct entry *e)
{
	struct login *oldest = NULL;
	struct fault text;
	size_t n = 0;

	list_each(it, &e->broker->logins.all) {
		struct login *l = login_of(it);

		if (l->entry != e || l->back || l->from[0])
			continue;
		if (n++ == 0)
			oldest = l;
	}
	if (n < LIMIT_LOGINS_COMMAND)
		return;
	fault_set(&text, "too many logins were begun after this one; begin "
		  "again");
	login_end(oldest, &text);
}

/* A bucket: full at the first, one more each period. */
int login_limit_ask(struct entry *e, struct fault *f)
{
	const int64_t depth = (int64_t)(LIMIT_LOGIN_CALLS - 1) *
			      LIMIT_LOGIN_CALL_PERIOD;
	int64_t now = loop_now(e->broker->context.loop);

	if (e->login_calls < now)
		e->login_calls = now;
	if (e->login_calls - now > depth)
		return fault_set(f, "too many logins of this service are "
				 "being begun: try again in a while, or use "
				 "bearerd login %s", e->session.service->name);
	e->login_calls += LIMIT_LOGIN_CALL_PERIOD;
	return 0;
}

bool login_limit_is_back(const struct entry *e)
{
	size_t n = 0;

	list_each(it, &e->broker->logins.all)
		n += login_of(it)->entry == e && login_of(it)->back;
	return n >= LIMIT_LOGINS_BACK;
}
