/* SPDX-License-Identifier: MIT */
/* The commands' daemon halves, asked by way of the control socket. */
#include "command/command.h"

#include "control/socket.h"

static void test_status(void **state)
{
	(void)state;
	ask("{\"command\":\"status\"}\n");
	assert_true(holds("{\"event\":\"session\",\"service\":\"a\","));
	assert_true(holds("\n{\"event\":\"session\",\"service\":\"fixed\","));
	assert_true(holds("\n{\"event\":\"end\",\"error\":null}\n"));
	ask("{\"command\":\"status\",\"service\":\"fixed\"}\n");
	assert_false(holds("\"service\":\"a\""));
	assert_true(holds("\"service\":\"fixed\""));
}

static void test_introspect(void **state)
{
	(void)state;
	turns_plan(200, "{\"active\":true,\"x\":[\"pat\",1]}", 50);
	ask("{\"command\":\"introspect\"}\n");
	assert_true(holds("\"service\":\"a\","));
	assert_true(holds("\"introspection\":null,\"introspection_error\":"
			  "\"there is no token"));
	assert_true(holds("\n{\"event\":\"session\",\"service\":\"fixed\","));
	assert_true(holds("\"introspection\":{\"active\":true,\"x\":[\"(not "
			  "shown"));
	assert_true(holds("\"service\":\"same\","));
	assert_true(holds("\n{\"event\":\"end\",\"error\":null}\n"));
	assert_int_equal(turns_asked(), 2);
	ask("{\"command\":\"introspect\",\"service\":\"a\"}\n");
	assert_false(holds("\"service\":\"fixed\""));
	assert_int_equal(turns_asked(), 2);
}

/* A second request ends the first one. */
static void test_introspect_given_up(void **state)
{
	int fd = dial();

	(void)state;
	turns_plan(200, "{\"active\":true}", 100);
	tell(fd, "{\"command\":\"introspect\"}\n{\"command\":\"status\"}\n");
	hear(fd);
	assert_true(holds("a connection has one request"));
	assert_false(holds("active"));
	turn_for(150);
}

static void test_token_and_refresh(void **state)
{
	(void)state;
	turns_plan(200, ENDPOINT_OK, 50);
	assert_string_equal(ask("{\"command\":\"token\",\"service\":\"a\"}\n"),
			    "{\"event\":\"token\",\"access_token\":\"tok1\"}\n"
			    "{\"event\":\"end\",\"error\":null}\n");
	ask("{\"command\":\"refresh\",\"service\":\"a\"}\n");
	assert_true(holds("{\"event\":\"renewed\",\"expires_at\":\"20"));
	assert_true(holds("\"expires_in\":3"));
	ask("{\"command\":\"token\",\"service\":\"a\"}\n");
	assert_true(holds("\"tok2\""));
	ask("{\"command\":\"refresh\",\"service\":\"fixed\"}\n");
	assert_true(holds("{\"event\":\"end\",\"error\":\"[service fixed]: "));
}

static void test_logout(void **state)
{
	(void)state;
	ask("{\"command\":\"logout\",\"service\":\"a\"}\n");
	assert_true(holds("{\"event\":\"done\",\"text\":\"[service a]: "));
	ask("{\"command\":\"logout\",\"service\":\"fixed\"}\n");
	assert_true(holds("nothing can be forgotten"));
}

static void test_login_of_what_has_none(void **state)
{
	(void)state;
	ask("{\"command\":\"login\",\"service\":\"a\"}\n");
	assert_true(holds("needs no login"));
	ask("{\"command\":\"login\",\"service\":\"a\",\"way\":\"x\"}\n");
	assert_true(holds("browser, paste, device or import"));
}

/* Its wait is over; what was begun goes on. */
static void test_a_client_that_leaves(void **state)
{
	const struct session *s = &turns_entry(0)->session;
	int fd = dial();

	(void)state;
	turns_plan(200, ENDPOINT_OK, 100);
	tell(fd, "{\"command\":\"token\",\"service\":\"a\"}\n");
	turn_until_asked(1);
	assert_false(list_empty(&turns_entry(0)->waiting));
	close(fd);
	turn_for(20);
	assert_true(list_empty(&turns_entry(0)->waiting));
	turn_for(200);
	assert_non_null(s->token);
	fd = dial();
	tell(fd, "{\"command\":\"logout\",\"service\":\"a\"}\n");
	close(fd);
	turn_for(50);
	assert_null(s->token);
	assert_true(list_empty(&it.broker->logouts));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status),
		TEST(test_introspect),
		TEST(test_introspect_given_up),
		TEST(test_token_and_refresh),
		TEST(test_logout),
		TEST(test_login_of_what_has_none),
		TEST(test_a_client_that_leaves),
	};

	find = command_daemon;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
