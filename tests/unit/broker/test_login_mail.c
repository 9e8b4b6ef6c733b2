/* SPDX-License-Identifier: MIT */
/* A browser's request from a worker's thread to the broker's and back. */
#include "broker/login_mail.h"

#include "broker/login_fixture.h"

/* The worker: this thread too, with a mailbox of its own. */
static struct {
	struct loop *loop;
	struct mailbox *box;
	int n, status;
	char location[1024], cookie[256], text[FAULT_TEXT_MAX];
} worker;

static int begin_worker(void **state)
{
	struct fault f;

	memset(&worker, 0, sizeof(worker));
	if (set_up(state) < 0)
		return -1;
	worker.loop = loop_new(&f);
	worker.box = mailbox_new(worker.loop, &worker, &f);
	return worker.box ? 0 : -1;
}

static int end_worker(void **state)
{
	/* As the server is freed: after the broker has stopped. */
	if (it.broker) {
		it.broker->context.over = true;
		logins_end(&it.broker->logins);
	}
	if (worker.box)
		mailbox_free(&worker.box);
	loop_free(&worker.loop);
	return tear_down(state);
}

static void answered(void *arg, struct login_reply *r)
{
	assert_ptr_equal(arg, &worker);
	worker.n++;
	worker.status = r->status;
	snprintf(worker.location, sizeof(worker.location), "%s",
		 buf_z(&r->location));
	snprintf(worker.cookie, sizeof(worker.cookie), "%.*s",
		 (int)strcspn(buf_z(&r->cookie), ";"), buf_z(&r->cookie));
	snprintf(worker.text, sizeof(worker.text), "%s", r->text.text);
}

static struct login_mail *mail_open(size_t service, const char *ticket)
{
	return login_mail_open(it.broker, worker.box, service, str_z(ticket),
			       STR("192.0.2.1"), answered, &worker);
}

static struct login_mail *mail_callback(size_t service, const char *cookies,
					const char *parameters)
{
	return login_mail_callback(it.broker, worker.box, service,
				   str_z(cookies), str_z(parameters), answered,
				   &worker);
}

static bool worker_has(int n)
{
	mailbox_drain(worker.box);
	return worker.n == n;
}

static const char *code_of(const char *location)
{
	static char answer[1200];

	snprintf(answer, sizeof(answer), "code=c&%s", state_of(location));
	return answer;
}

static void login_there_and_back(void **state)
{
	char cookie[256], answer[1200];

	(void)state;
	serve(200, TOKEN_ONLY);
	mail_open(WEB, "");
	assert_int_equal(worker.n, 0);
	UNTIL(worker_has(1));
	assert_int_equal(worker.status, 303);
	assert_non_null(strstr(worker.location, "/authorize?"));
	strcpy(cookie, worker.cookie);
	strcpy(answer, code_of(worker.location));
	/* a path that names no service, or another one */
	mail_callback(LOGIN_ANY_SERVICE, cookie, answer);
	UNTIL(worker_has(2));
	assert_int_equal(worker.status, 400);
	mail_callback(OTHER, cookie, answer);
	UNTIL(worker_has(3));
	assert_int_equal(worker.status, 400);
	mail_callback(WEB, cookie, answer);
	UNTIL(worker_has(4));
	assert_int_equal(worker.status, 200);
	assert_true(has_token(WEB, "tok1"));
}

/* What was given is copied: the worker's own memory is gone by then. */
static void what_is_given_is_copied(void **state)
{
	char cookie[256], answer[1200], ticket[] = "not-a-ticket";

	(void)state;
	serve(200, TOKEN_ONLY);
	mail_open(WEB, ticket);
	memset(ticket, 0, sizeof(ticket));
	UNTIL(worker_has(1));
	assert_int_equal(worker.status, 400);
	mail_open(WEB, "");
	UNTIL(worker_has(2));
	strcpy(cookie, worker.cookie);
	strcpy(answer, code_of(worker.location));
	mail_callback(WEB, cookie, answer);
	memset(cookie, 'x', sizeof(cookie) - 1);
	memset(answer, 'x', sizeof(answer) - 1);
	UNTIL(worker_has(3));
	assert_int_equal(worker.status, 200);
}

/* The client has hung up: the login goes on, and nobody is told. */
static void worker_leaves_first(void **state)
{
	struct login_mail *m, *none = NULL;
	char cookie[256], answer[1200];

	(void)state;
	m = mail_open(WEB, "");
	login_mail_leave(&m); /* before the broker has it */
	assert_null(m);
	rest(3);
	mailbox_drain(worker.box);
	assert_int_equal(worker.n, 0);
	assert_int_equal(attempts(), 1);
	serve_late(200, TOKEN_ONLY, 50);
	mail_open(WEB, "");
	UNTIL(worker_has(1));
	strcpy(cookie, worker.cookie);
	strcpy(answer, code_of(worker.location));
	m = mail_callback(WEB, cookie, answer);
	UNTIL(asked() == 1);
	login_mail_leave(&m); /* while the code is exchanged */
	UNTIL(has_token(WEB, "tok1"));
	mailbox_drain(worker.box);
	assert_int_equal(worker.n, 1);
	/* when the answer is on its way already */
	m = mail_open(WEB, "");
	rest(3);
	login_mail_leave(&m);
	mailbox_drain(worker.box);
	assert_int_equal(worker.n, 1);
	login_mail_leave(&none);
}

/* It ends with a browser's code under way: there is an answer. */
static void broker_ends_first(void **state)
{
	char cookie[256], answer[1200];

	(void)state;
	serve_late(200, TOKEN_ONLY, 100);
	mail_open(WEB, "");
	UNTIL(worker_has(1));
	strcpy(cookie, worker.cookie);
	strcpy(answer, code_of(worker.location));
	mail_callback(WEB, cookie, answer);
	UNTIL(asked() == 1);
	end();
	mailbox_drain(worker.box);
	assert_int_equal(worker.n, 2);
	assert_int_equal(worker.status, 400);
	assert_non_null(strstr(worker.text, "shutting down"));
}

/* Mail that it did not come to read is given up, as the worker has been. */
static void mail_that_was_not_read(void **state)
{
	(void)state;
	mail_open(WEB, "");
	mail_callback(WEB, "bearerd_login_1=2", "code=c&state=s");
	end();
	mailbox_drain(worker.box);
	assert_int_equal(worker.n, 0);
}

/* An answer that the worker did not come to read. */
static void answer_that_was_not_read(void **state)
{
	struct login_mail *m;

	(void)state;
	m = mail_open(WEB, "");
	rest(3);
	login_mail_leave(&m);
	end();
	mailbox_free(&worker.box);
	assert_int_equal(worker.n, 0);
}

#define MAIL(name) \
	cmocka_unit_test_setup_teardown(name, begin_worker, end_worker)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAIL(login_there_and_back),
		MAIL(what_is_given_is_copied),
		MAIL(worker_leaves_first),
		MAIL(broker_ends_first),
		MAIL(mail_that_was_not_read),
		MAIL(answer_that_was_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
