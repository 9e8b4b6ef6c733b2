/* SPDX-License-Identifier: MIT */
#include "upstream/resolver.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"

/* ---- the C library's look-up, which hangs where it is told to ---- */

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t names_go = PTHREAD_COND_INITIALIZER;
static bool names_hang;
static int calls, now, most;

static void be_called(const char *host)
{
	pthread_mutex_lock(&names_lock);
	calls++;
	now++;
	if (now > most)
		most = now;
	while (names_hang && strncmp(host, "hang", 4) == 0)
		pthread_cond_wait(&names_go, &names_lock);
	now--;
	pthread_mutex_unlock(&names_lock);
}

static void hang(bool whether)
{
	pthread_mutex_lock(&names_lock);
	names_hang = whether;
	pthread_cond_broadcast(&names_go);
	pthread_mutex_unlock(&names_lock);
}

static int seen(const int *what)
{
	int n;

	pthread_mutex_lock(&names_lock);
	n = *what;
	pthread_mutex_unlock(&names_lock);
	return n;
}

static struct addrinfo *address(const char *text)
{
	struct addrinfo *a = calloc(1, sizeof(*a) +
					       sizeof(struct sockaddr_in6));
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)(a + 1);
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)(a + 1);

	a->ai_addr = (struct sockaddr *)(void *)(a + 1);
	a->ai_addr->sa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (strchr(text, ':'))
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	return a;
}

int getaddrinfo(const char *host, const char *port,
		const struct addrinfo *hints, struct addrinfo **out)
{
	int n = strcmp(host, "many") == 0 ? LIMIT_RESOLVER_ADDRESSES + 8 : 1;

	assert_null(port);
	assert_int_equal(hints->ai_socktype, SOCK_STREAM);
	be_called(host);
	if (strncmp(host, "none", 4) == 0)
		return EAI_NONAME;
	*out = NULL;
	while (n-- > 0) {
		struct addrinfo *a = address("192.0.2.1");

		a->ai_next = *out;
		*out = a;
	}
	if (strcmp(host, "both") == 0)
		(*out)->ai_next = address("2001:db8::1");
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a) {
		struct addrinfo *next = a->ai_next;

		free(a);
		a = next;
	}
}

/* ---- one who asks ---- */

static struct loop *loop;
static struct mailbox *box;
static struct resolver *resolver;

struct asker {
	struct resolver_wait *wait;
	int told;
	char addresses[4096];
};

static void on_done(void *arg, const char *addresses)
{
	struct asker *a = arg;

	a->wait = NULL;
	a->told++;
	(void)snprintf(a->addresses, sizeof(a->addresses), "%s",
		       addresses ? addresses : "none");
}

static enum resolver_found ask(struct asker *a, const char *name, bool foreign)
{
	struct buf out = BUF_INIT(sizeof(a->addresses));
	enum resolver_found found;

	memset(a, 0, sizeof(*a));
	found = resolver_ask(resolver, name, foreign, &out, box, on_done, a,
			     &a->wait);
	if (found != RESOLVER_WAITS) {
		assert_null(a->wait);
		on_done(a, found == RESOLVER_FOUND ? buf_z(&out) : NULL);
	}
	buf_fini(&out);
	return found;
}

static void wait_told(struct asker *a)
{
	for (int i = 0; i < 2000 && !a->told; i++)
		loop_turn(loop, 5);
	assert_int_equal(a->told, 1);
}

static void wait_seen(const int *what, int n)
{
	for (int i = 0; i < 2000 && seen(what) != n; i++)
		loop_turn(loop, 5);
	assert_int_equal(seen(what), n);
}

static int set_up(void **state)
{
	struct fault f;

	(void)state;
	loop = loop_new(&f);
	box = loop ? mailbox_new(loop, NULL, &f) : NULL;
	resolver = resolver_ref();
	names_hang = false;
	calls = most = 0;
	return box == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	hang(false);
	wait_seen(&now, 0);
	clock_real();
	resolver_unref(&resolver);
	mailbox_free(&box);
	loop_free(&loop);
	return 0;
}

static int threads(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* ---- what is known ---- */

static void test_addresses_are_kept(void **state)
{
	struct asker a;

	(void)state;
	clock_fake(1000000, 1000000);
	assert_int_equal(ask(&a, "both", false), RESOLVER_WAITS);
	wait_told(&a);
	assert_string_equal(a.addresses, "192.0.2.1,[2001:db8::1]");
	assert_int_equal(ask(&a, "both", true), RESOLVER_FOUND);
	assert_string_equal(a.addresses, "192.0.2.1,[2001:db8::1]");
	clock_fake(1000000 + LIMIT_RESOLVER_KEPT - 1, 1000000);
	assert_int_equal(ask(&a, "both", true), RESOLVER_FOUND);
	assert_int_equal(seen(&calls), 1);
	clock_fake(1000000 + LIMIT_RESOLVER_KEPT, 1000000);
	assert_int_equal(ask(&a, "both", true), RESOLVER_WAITS);
	wait_told(&a);
	assert_int_equal(seen(&calls), 2);
}

static void test_that_there_are_none_is_kept_for_less(void **state)
{
	struct asker a;

	(void)state;
	clock_fake(1000000, 1000000);
	assert_int_equal(ask(&a, "none", false), RESOLVER_WAITS);
	wait_told(&a);
	assert_string_equal(a.addresses, "none");
	clock_fake(1000000 + LIMIT_RESOLVER_KEPT_FAILED - 1, 1000000);
	assert_int_equal(ask(&a, "none", false), RESOLVER_NONE);
	clock_fake(1000000 + LIMIT_RESOLVER_KEPT_FAILED, 1000000);
	assert_int_equal(ask(&a, "none", false), RESOLVER_WAITS);
	wait_told(&a);
	assert_int_equal(seen(&calls), 2);
}

static void test_addresses_beyond_the_bound(void **state)
{
	struct asker a;
	int n = 1;

	(void)state;
	(void)ask(&a, "many", false);
	wait_told(&a);
	for (const char *p = a.addresses; (p = strchr(p, ',')); p++)
		n++;
	assert_int_equal(n, LIMIT_RESOLVER_ADDRESSES);
}

/* The one asked for longest ago goes first. */
static void test_names_beyond_the_bound(void **state)
{
	struct asker a, first;
	char name[32];

	(void)state;
	(void)ask(&a, "first", false);
	wait_told(&a);
	for (int i = 0; i < LIMIT_RESOLVER_NAMES - 1; i++) {
		(void)snprintf(name, sizeof(name), "name%d", i);
		(void)ask(&a, name, true);
		wait_told(&a);
	}
	assert_int_equal(ask(&first, "first", false), RESOLVER_FOUND);
	(void)ask(&a, "one more", false);
	wait_told(&a);
	assert_int_equal(ask(&first, "first", false), RESOLVER_FOUND);
	assert_int_equal(ask(&a, "name0", false), RESOLVER_WAITS);
	wait_told(&a);
}

/* ---- threads ---- */

static void test_one_look_up_a_name(void **state)
{
	struct asker a[20];
	int before = threads();

	(void)state;
	hang(true);
	for (int i = 0; i < 20; i++)
		assert_int_equal(ask(&a[i], "hang", i % 2), RESOLVER_WAITS);
	wait_seen(&now, 1);
	hang(false);
	for (int i = 0; i < 20; i++)
		wait_told(&a[i]);
	assert_int_equal(seen(&calls), 1);
	assert_in_range(threads() - before, 0, 1);
}

/* Names that hang hold up what comes behind them, and no loop. */
static void test_so_many_at_a_time(void **state)
{
	struct asker a[3 * LIMIT_RESOLVER_THREADS], good;
	int64_t began = clock_ms();
	char name[32];

	(void)state;
	hang(true);
	for (int i = 0; i < 3 * LIMIT_RESOLVER_THREADS; i++) {
		(void)snprintf(name, sizeof(name), "hang%d", i);
		assert_int_equal(ask(&a[i], name, false), RESOLVER_WAITS);
	}
	assert_int_equal(ask(&good, "good", false), RESOLVER_WAITS);
	wait_seen(&now, LIMIT_RESOLVER_THREADS);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 5);
	assert_in_range(clock_ms() - began, 0, 5000);
	assert_int_equal(good.told, 0);
	hang(false);
	for (int i = 0; i < 3 * LIMIT_RESOLVER_THREADS; i++)
		wait_told(&a[i]);
	wait_told(&good);
	assert_int_equal(seen(&most), LIMIT_RESOLVER_THREADS);
}

static void test_foreign_names_leave_room(void **state)
{
	struct asker a[2 * LIMIT_RESOLVER_THREADS], good, theirs;
	char name[32];

	(void)state;
	hang(true);
	for (int i = 0; i < 2 * LIMIT_RESOLVER_THREADS; i++) {
		(void)snprintf(name, sizeof(name), "hang%d", i);
		assert_int_equal(ask(&a[i], name, true), RESOLVER_WAITS);
	}
	wait_seen(&now, LIMIT_RESOLVER_FOREIGN);
	(void)ask(&theirs, "good", true);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 5);
	assert_int_equal(theirs.told, 0);
	/* The same name is the configuration's too: it goes ahead. */
	(void)ask(&good, "good", false);
	wait_told(&good);
	wait_told(&theirs);
	assert_int_equal(seen(&now), LIMIT_RESOLVER_FOREIGN);
	for (int i = 0; i < 2 * LIMIT_RESOLVER_THREADS; i++)
		resolver_cancel(&a[i].wait);
}

/* Those who have left are never looked up, and never told. */
static void test_who_leaves(void **state)
{
	struct asker a[2 * LIMIT_RESOLVER_THREADS], late;
	char name[32];

	(void)state;
	hang(true);
	for (int i = 0; i < 2 * LIMIT_RESOLVER_THREADS; i++) {
		(void)snprintf(name, sizeof(name), "hang%d", i);
		(void)ask(&a[i], name, false);
	}
	wait_seen(&now, LIMIT_RESOLVER_THREADS);
	for (int i = 0; i < 2 * LIMIT_RESOLVER_THREADS; i++) {
		resolver_cancel(&a[i].wait);
		assert_null(a[i].wait);
	}
	(void)ask(&late, "hang0", false);
	hang(false);
	wait_told(&late);
	wait_seen(&now, 0);
	assert_int_equal(seen(&calls), LIMIT_RESOLVER_THREADS);
	for (int i = 0; i < 2 * LIMIT_RESOLVER_THREADS; i++)
		assert_int_equal(a[i].told, 0);
	/* Once the answer is in the mailbox. */
	(void)ask(&late, "other", false);
	while (seen(&calls) < LIMIT_RESOLVER_THREADS + 1 || seen(&now) > 0)
		usleep(1000);
	usleep(20000); /* the loop does not turn */
	resolver_cancel(&late.wait);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 5);
	assert_int_equal(late.told, 0);
}

/* The end waits for no look-up. */
static void test_an_end_meanwhile(void **state)
{
	struct asker a;
	int64_t began = clock_ms();

	(void)state;
	hang(true);
	(void)ask(&a, "hang", false);
	wait_seen(&now, 1);
	resolver_cancel(&a.wait);
	resolver_unref(&resolver);
	assert_in_range(clock_ms() - began, 0, 5000);
	resolver = resolver_ref();
	hang(false);
	(void)ask(&a, "hang", false);
	wait_told(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_addresses_are_kept, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			test_that_there_are_none_is_kept_for_less, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_addresses_beyond_the_bound,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_beyond_the_bound,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_look_up_a_name, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_so_many_at_a_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_foreign_names_leave_room,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_who_leaves, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_an_end_meanwhile, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
