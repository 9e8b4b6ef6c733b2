/* SPDX-License-Identifier: MIT */
#include "store/keeper.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/scratch.h"

/* SQLite calls this before each commit that changes something, in the thread
 * that commits: it can be held there, and told to fail. */
static struct {
	atomic_int commits, fail, hold;
	sem_t held, go;
	sigset_t mask; /* of the thread */
	pthread_t thread;
} hook;

static int before_commit(void *arg)
{
	(void)arg;
	hook.thread = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &hook.mask);
	atomic_fetch_add(&hook.commits, 1);
	if (atomic_load(&hook.hold)) {
		sem_post(&hook.held);
		sem_wait(&hook.go);
	}
	return atomic_load(&hook.fail);
}

static int on_connection(sqlite3 *db, char **words, const void *api)
{
	(void)words;
	(void)api;
	sqlite3_commit_hook(db, before_commit, NULL);
	return SQLITE_OK;
}

static void hook_commits(void)
{
	int (*fn)(sqlite3 *, char **, const void *) = on_connection;

	sqlite3_auto_extension((void (*)(void))fn);
}

/* The broker's side: where replies come in, and in which order. */
enum { JOBS_MAX = 400 };

static struct {
	struct store *store;
	struct keeper *keeper;
	struct loop *loop;
	struct mailbox *box;
	struct keeper_job jobs[JOBS_MAX];
	size_t delivered[JOBS_MAX]; /* indices, in order */
	size_t n;
	pthread_t thread;
	bool elsewhere; /* a delivery in another thread */
} broker;

static void deliver(struct mail *mail, void *owner)
{
	struct keeper_job *job = (struct keeper_job *)(void *)mail;

	if (owner != &broker || !pthread_equal(pthread_self(), broker.thread))
		broker.elsewhere = true;
	broker.delivered[broker.n++] = (size_t)(job - broker.jobs);
	mem_free(job->id);
	secret_unref(&job->value);
}

static int setup(void **state)
{
	struct fault f;

	if (scratch_setup(state) < 0)
		return -1;
	memset(&broker, 0, sizeof(broker));
	broker.thread = pthread_self();
	atomic_store(&hook.fail, 0);
	atomic_store(&hook.hold, 0);
	broker.store = open_with(scratch_spec, "k", &f);
	broker.loop = loop_new(&f);
	if (!broker.store || !broker.loop)
		return -1;
	broker.box = mailbox_new(broker.loop, &broker, &f);
	if (!broker.box)
		return -1;
	atomic_store(&hook.commits, 0);
	if (sem_init(&hook.held, 0, 0) < 0 || sem_init(&hook.go, 0, 0) < 0)
		return -1;
	broker.keeper = keeper_start(broker.store, &f);
	return broker.keeper ? 0 : -1;
}

static int teardown(void **state)
{
	keeper_stop(&broker.keeper);
	mailbox_free(&broker.box);
	loop_free(&broker.loop);
	store_close(&broker.store);
	sem_destroy(&hook.held);
	sem_destroy(&hook.go);
	return scratch_teardown(state);
}

/* Job i: this value under this identity (NULL: remove). */
static void submit(size_t i, const char *id, struct str value)
{
	struct keeper_job *job = &broker.jobs[i];

	job->mail.deliver = deliver;
	job->reply = broker.box;
	job->id = mem_strdup(id);
	job->value = value.p ? secret_new(value) : NULL;
	job->result = 42;
	keeper_submit(broker.keeper, job);
}

static void submit_number(size_t i)
{
	char id[16], value[16];

	(void)snprintf(id, sizeof(id), "id%zu", i);
	(void)snprintf(value, sizeof(value), "v%zu", i);
	submit(i, id, str_z(value));
}

/* Until n are back, or far too long. */
static void wait_for(size_t n)
{
	int64_t begin = clock_ms();

	while (broker.n < n && clock_ms() - begin < 30000)
		loop_turn(broker.loop, 100);
	assert_int_equal(broker.n, n);
	assert_false(broker.elsewhere);
}

static void stopped(void)
{
	keeper_stop(&broker.keeper);
	assert_null(broker.keeper);
}

static bool number_held(size_t i)
{
	char id[16], value[16];

	(void)snprintf(id, sizeof(id), "id%zu", i);
	(void)snprintf(value, sizeof(value), "v%zu", i);
	return holds(broker.store, id, value);
}

static void test_puts_and_removes(void **state)
{
	(void)state;
	submit(0, "a", STR("one"));
	wait_for(1);
	submit(1, "b", STR("two"));
	submit(2, "a", (struct str){ NULL, 0 });
	submit(3, "c", STR(""));
	wait_for(4);
	stopped();
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(broker.jobs[i].result, 0);
		assert_int_equal(broker.delivered[i], i);
	}
	assert_true(holds(broker.store, "a", NULL));
	assert_true(holds(broker.store, "b", "two"));
	assert_true(holds(broker.store, "c", ""));
}

static void test_another_thread_without_signals(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
				       SIGCHLD, SIGPIPE };
	sigset_t mask;

	(void)state;
	submit_number(0);
	wait_for(1);
	assert_false(pthread_equal(hook.thread, pthread_self()));
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		assert_int_equal(sigismember(&hook.mask, signals[i]), 1);
	/* Ours is what it was. */
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
}

/* Holds the keeper in the commit of job 0. */
static void hold(void)
{
	atomic_store(&hook.hold, 1);
	submit_number(0);
	sem_wait(&hook.held);
	atomic_store(&hook.hold, 0);
}

static void test_what_waits_shares_a_transaction(void **state)
{
	(void)state;
	hold();
	for (size_t i = 1; i < 100; i++)
		submit_number(i);
	assert_int_equal(broker.n, 0);
	sem_post(&hook.go);
	wait_for(100);
	assert_int_equal(atomic_load(&hook.commits), 2);
	stopped();
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(broker.jobs[i].result, 0);
		assert_int_equal(broker.delivered[i], i);
		assert_true(number_held(i));
	}
}

static void test_the_last_word_counts(void **state)
{
	(void)state;
	hold();
	submit(1, "a", STR("first"));
	submit(2, "a", (struct str){ NULL, 0 });
	submit(3, "a", STR("last"));
	submit(4, "b", STR("first"));
	submit(5, "b", (struct str){ NULL, 0 });
	sem_post(&hook.go);
	wait_for(6);
	stopped();
	assert_true(holds(broker.store, "a", "last"));
	assert_true(holds(broker.store, "b", NULL));
}

static void test_one_bad_value_holds_nobody_back(void **state)
{
	static char large[(1 << 20) + 1];

	(void)state;
	memset(large, 'x', sizeof(large));
	hold();
	for (size_t i = 1; i < 20; i++)
		if (i == 7)
			submit(i, "bad", (struct str){ large, sizeof(large) });
		else
			submit_number(i);
	sem_post(&hook.go);
	wait_for(20);
	stopped();
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(broker.delivered[i], i);
		assert_int_equal(broker.jobs[i].result, i == 7 ? -1 : 0);
		assert_true(i == 7 || number_held(i));
	}
	assert_non_null(strstr(broker.jobs[7].fault.text, "too large"));
	assert_true(holds(broker.store, "bad", NULL));
	/* One together, then each of the eighteen alone. */
	assert_int_equal(atomic_load(&hook.commits), 1 + 18);
}

static void test_a_failed_commit(void **state)
{
	(void)state;
	atomic_store(&hook.fail, 1);
	submit_number(0);
	wait_for(1);
	assert_int_equal(broker.jobs[0].result, -1);
	assert_non_null(strstr(broker.jobs[0].fault.text, scratch_db));
	/* Alone it is not tried twice. */
	assert_int_equal(atomic_load(&hook.commits), 1);
	atomic_store(&hook.fail, 0);
	submit_number(1);
	wait_for(2);
	assert_int_equal(broker.jobs[1].result, 0);
	stopped();
	assert_true(holds(broker.store, "id0", NULL));
	assert_true(number_held(1));
}

static void test_all_of_them_fail(void **state)
{
	(void)state;
	atomic_store(&hook.fail, 1);
	hold();
	for (size_t i = 1; i < 5; i++)
		submit_number(i);
	sem_post(&hook.go);
	wait_for(5);
	stopped();
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(broker.jobs[i].result, -1);
		assert_true(broker.jobs[i].fault.text[0] != '\0');
		assert_false(number_held(i));
	}
	/* One, four together, four alone. */
	assert_int_equal(atomic_load(&hook.commits), 1 + 1 + 4);
}

static void test_stop_finishes(void **state)
{
	struct keeper *none = NULL;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		submit_number(i);
	stopped();
	mailbox_drain(broker.box);
	assert_int_equal(broker.n, 50);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(broker.jobs[i].result, 0);
		assert_true(number_held(i));
	}
	/* The store is ours again. */
	assert_int_equal(put(broker.store, "a", "one", NULL), 0);
	keeper_stop(&none);
}

static void test_stop_of_an_idle_one(void **state)
{
	struct fault f = { "" };

	(void)state;
	stopped();
	for (int i = 0; i < 20; i++) {
		broker.keeper = keeper_start(broker.store, &f);
		assert_non_null(broker.keeper);
		stopped();
	}
	assert_int_equal(atomic_load(&hook.commits), 0);
}

static void *submit_many(void *arg)
{
	size_t from = *(size_t *)arg;

	for (size_t i = from; i < from + 100; i++)
		submit_number(i);
	return NULL;
}

static void test_from_any_thread(void **state)
{
	static size_t from[4] = { 0, 100, 200, 300 };
	size_t last[4] = { 0, 0, 0, 0 };
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						submit_many, &from[i]), 0);
	wait_for(400);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	stopped();
	for (size_t i = 0; i < 400; i++) {
		size_t job = broker.delivered[i];

		assert_int_equal(broker.jobs[job].result, 0);
		assert_true(number_held(job));
		/* Each thread's in its order. */
		assert_int_equal(job % 100, last[job / 100]++);
	}
}

#define in_scratch(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_scratch(test_puts_and_removes),
		in_scratch(test_another_thread_without_signals),
		in_scratch(test_what_waits_shares_a_transaction),
		in_scratch(test_the_last_word_counts),
		in_scratch(test_one_bad_value_holds_nobody_back),
		in_scratch(test_a_failed_commit),
		in_scratch(test_all_of_them_fail),
		in_scratch(test_stop_finishes),
		in_scratch(test_stop_of_an_idle_one),
		in_scratch(test_from_any_thread),
	};

	hook_commits();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
