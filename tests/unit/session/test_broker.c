/* SPDX-License-Identifier: MIT */
#include "session/broker.h"

#include <semaphore.h>
#include <sqlite3.h>

#include "session/endpoint.h"
#include "session/shelf.h"
#include "session/worker.h"

/* clang-format off */
static const char text[] =
	SERVICE("a")
	SERVICE("short") "token_timeout = 1s\n"
	SERVICE("few") "max_waiting = 5\n"
	SERVICE("missing") "token_format = {token.tenant}\n"
	"[service fixed]\n"
	"upstream = https://fixed.example.com\naccess_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n";
/* clang-format on */

enum { A, SHORT, FEW, MISSING, FIXED, NOTHING };
enum { WORKERS = 2, MANY = 300 };

static struct {
	char folder[64], spec[128];
	struct secret *key;
	struct endpoint *endpoint;
	struct services *services;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	struct worker workers[WORKERS];
} it;

/* SQLite calls it before each commit that changes something: it can be held
 * there, and made to fail. */
static struct {
	atomic_bool hold, fail;
	atomic_int commits;
	sem_t held, go;
} hook;

static int before_commit(void *arg)
{
	(void)arg;
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

/* --- start and stop --- */

static void open_store(void)
{
	struct fault f;

	it.store = store_open(str_z(it.spec), &it.key, 1, &f);
	if (!it.store)
		print_error("%s\n", f.text);
	assert_non_null(it.store);
}

static void start(void)
{
	struct fault f;

	memset(it.workers, 0, sizeof(it.workers));
	open_store();
	it.broker = broker_new(it.services, it.store, &f);
	if (!it.broker)
		print_error("%s\n", f.text);
	assert_non_null(it.broker);
	it.keeper = keeper_start(it.store, &f);
	assert_non_null(it.keeper);
	for (int i = 0; i < WORKERS; i++) {
		worker_start(&it.workers[i], it.broker);
		pthread_create(&it.workers[i].thread, NULL, worker_run,
			       &it.workers[i]);
	}
	assert_int_equal(broker_start(it.broker, it.keeper, &f), 0);
}

static void stop(int64_t grace)
{
	for (int i = 0; i < WORKERS; i++)
		worker_stop(&it.workers[i]);
	broker_stop(it.broker, grace);
	keeper_stop(&it.keeper);
	for (int i = 0; i < WORKERS; i++)
		worker_free(&it.workers[i]);
	broker_free(&it.broker);
	store_close(&it.store);
}

static int set_up(void **state)
{
	(void)state;
	memset(&it, 0, sizeof(it));
	strcpy(it.folder, "/tmp/broker-XXXXXX");
	if (!mkdtemp(it.folder))
		return -1;
	snprintf(it.spec, sizeof(it.spec), "sqlite:%s/b.db", it.folder);
	it.key = secret_new(STR("0123456789abcdef0123456789abcdef"));
	it.endpoint = endpoint_new();
	it.services = services_at(text, it.endpoint->port);
	return 0;
}

static int tear_down(void **state)
{
	char path[160];

	(void)state;
	endpoint_free(it.endpoint);
	services_free(&it.services);
	secret_unref(&it.key);
	for (const char *const *end =
		     (const char *const[]){ "", "-wal", "-shm", "-lock",
					    NULL };
	     *end; end++) {
		snprintf(path, sizeof(path), "%s/b.db%s", it.folder, *end);
		unlink(path);
	}
	return rmdir(it.folder);
}

static void plan(int status, const char *body, int delay)
{
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = status,
						.body = body,
						.delay = delay });
}

static int asked(void)
{
	return atomic_load(&it.endpoint->requests);
}

static struct request request(size_t service, enum upstream_mood mood,
			      uint64_t bad)
{
	struct request r = { .service = service, .mood = mood, .bad = bad };

	return r;
}

/* Sends one and waits for its end. */
static struct request *send_one(struct request *r, int worker)
{
	worker_send(&it.workers[worker], r);
	worker_wait(&it.workers[worker]);
	return r;
}

static struct request get(size_t service)
{
	struct request r = request(service, ACCEPTS, 0);

	send_one(&r, 0);
	return r;
}

static struct request *send_many(size_t service, enum upstream_mood mood,
				 uint64_t bad)
{
	struct request *r = mem_array(MANY, sizeof(*r));

	for (int i = 0; i < MANY; i++) {
		r[i] = request(service, mood, bad);
		worker_send(&it.workers[i % WORKERS], &r[i]);
	}
	return r;
}

static void wait_all(void)
{
	for (int i = 0; i < WORKERS; i++)
		worker_wait(&it.workers[i]);
}

/* What a view has of a service. */
struct look {
	size_t service;
	enum session_state state;
	uint64_t generation;
	int status;
	bool usable;
};

static void look_at(struct worker *w, void *arg)
{
	struct look *l = arg;
	const struct snapshot *s = session_view_get(w->view, l->service);

	l->state = s->state;
	l->generation = s->generation;
	l->status = s->failure.status;
	l->usable = snapshot_usable(s, loop_now(w->loop));
}

static struct look look(size_t service)
{
	struct look l = { .service = service };

	worker_do(&it.workers[1], look_at, &l);
	return l;
}

/* Waits until a view has this state, at most 10 s. */
static void wait_for_state(size_t service, enum session_state state)
{
	int64_t end = clock_ms() + 10000;

	while (look(service).state != state && clock_ms() < end)
		usleep(5000);
	assert_int_equal(look(service).state, state);
}

/* --- tokens --- */

static void many_wait_for_one_token(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 200);
	start();
	assert_int_equal(look(A).state, SESSION_IDLE);
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, SESSION_TOKEN);
		assert_int_equal(r[i].generation, 1);
	}
	one = get(A);
	assert_int_equal(one.generation, 1);
	assert_int_equal(asked(), 1);
	assert_int_equal(look(A).state, SESSION_READY);
	assert_int_equal(look(SHORT).state, SESSION_IDLE);
	assert_in_range(broker_last_turn(it.broker), clock_ms() - 6000,
			clock_ms());
	assert_true(broker_store_ok(it.broker));
	stop(1000);
	mem_free(r);
}

/* The token lives a second: it is asked for again and again, but never twice
 * at once, and nobody is told of a failure. */
static void tokens_that_end_under_load(void **state)
{
	struct request *r;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":1}", 30);
	start();
	for (int round = 0; round < 6; round++) {
		r = send_many(A, ACCEPTS, 0);
		wait_all();
		for (int i = 0; i < MANY; i++)
			assert_int_equal(r[i].answer, SESSION_TOKEN);
		mem_free(r);
		usleep(300000);
	}
	assert_in_range(asked(), 2, 6);
	assert_int_equal(atomic_load(&it.endpoint->most_at_once), 1);
	stop(1000);
}

static void static_and_none_ask_nobody(void **state)
{
	struct request r;

	(void)state;
	start();
	r = get(FIXED);
	assert_int_equal(r.answer, SESSION_TOKEN);
	assert_int_equal(r.generation, 1);
	r = request(FIXED, REFUSES, 0);
	send_one(&r, 0);
	assert_int_equal(r.answer, SESSION_TOKEN);
	assert_int_equal(r.refusals, 1);
	assert_int_equal(look(NOTHING).state, SESSION_READY);
	assert_int_equal(asked(), 0);
	stop(0);
}

static void too_many_waiters(void **state)
{
	struct request *r;
	int full = 0;

	(void)state;
	plan(200, ENDPOINT_OK, 1000);
	start();
	r = send_many(FEW, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++)
		full += r[i].answer == SESSION_FULL;
	assert_int_equal(full, MANY - 5);
	stop(0);
	mem_free(r);
}

static void background_renewal(void **state)
{
	struct request r;
	int64_t end;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":2}", 0);
	plan(200, ENDPOINT_OK, 200);
	start();
	r = get(A);
	assert_int_equal(r.generation, 1);
	end = clock_ms() + 5000;
	while (asked() < 2 && clock_ms() < end) {
		r = get(A);
		assert_int_equal(r.answer, SESSION_TOKEN);
		assert_in_range(r.ended - r.began, 0, 150);
		usleep(10000);
	}
	assert_int_equal(asked(), 2);
	wait_for_state(A, SESSION_READY);
	r = get(A);
	assert_int_equal(r.generation, 2);
	stop(1000);
}

/* --- failures --- */

static void denial_reaches_all_and_is_remembered(void **state)
{
	struct request *r, one;

	(void)state;
	plan(400, "{\"error\":\"invalid_client\",\"error_description\":"
		  "\"who is that\"}", 100);
	plan(200, ENDPOINT_OK, 0);
	start();
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, SESSION_FAILED);
		assert_int_equal(r[i].status, 502);
		assert_non_null(strstr(r[i].text, "invalid_client: who"));
	}
	one = get(A);
	assert_int_equal(one.answer, SESSION_FAILED);
	assert_int_equal(asked(), 1);
	assert_int_equal(look(A).state, SESSION_FAILING);
	usleep(1100000);
	one = get(A);
	assert_int_equal(one.answer, SESSION_TOKEN);
	assert_int_equal(asked(), 2);
	assert_int_equal(look(A).status, 0);
	stop(0);
	mem_free(r);
}

static void second_try_is_quick(void **state)
{
	struct request r;

	(void)state;
	plan(0, NULL, 0);
	plan(200, ENDPOINT_OK, 0);
	start();
	r = get(A);
	assert_int_equal(r.answer, SESSION_TOKEN);
	assert_in_range(r.ended - r.began, 150, 900);
	assert_int_equal(asked(), 2);
	stop(0);
}

static void outage_is_told_after_the_second_try(void **state)
{
	struct request *r, one;

	(void)state;
	plan(503, NULL, 0);
	start();
	r = send_many(A, ACCEPTS, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, SESSION_FAILED);
		assert_int_equal(r[i].status, 503);
	}
	assert_int_equal(asked(), 2);
	one = get(A);
	assert_int_equal(one.answer, SESSION_FAILED);
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void timeout_is_an_outage(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 1500);
	start();
	r = get(SHORT);
	assert_int_equal(r.answer, SESSION_FAILED);
	assert_int_equal(r.status, 503);
	assert_in_range(r.ended - r.began, 2000, 4000);
	stop(0);
}

static void token_that_cannot_be_placed(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	r = get(MISSING);
	assert_int_equal(r.answer, SESSION_FAILED);
	assert_int_equal(r.status, 502);
	assert_non_null(strstr(r.text, "token.tenant"));
	assert_int_equal(asked(), 1);
	stop(0);
}

static void outage_with_a_live_token_is_not_noticed(void **state)
{
	struct request r;
	int64_t end;

	(void)state;
	plan(200, "{\"access_token\":\"tok$\",\"expires_in\":8}", 0);
	plan(400, "{\"error\":\"server_is_confused\"}", 0);
	plan(200, ENDPOINT_OK, 0);
	start();
	end = clock_ms() + 9000;
	while (asked() < 3 && clock_ms() < end) {
		r = get(A);
		assert_int_equal(r.answer, SESSION_TOKEN);
		if (asked() == 2 && look(A).status != 0) {
			assert_int_equal(look(A).state, SESSION_FAILING);
			assert_true(look(A).usable);
		}
		usleep(20000);
	}
	assert_int_equal(asked(), 3);
	wait_for_state(A, SESSION_READY);
	stop(0);
}

/* --- refusals --- */

static void many_refusals_renew_once(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	plan(200, ENDPOINT_OK, 300);
	start();
	one = get(A);
	assert_int_equal(one.generation, 1);
	r = send_many(A, REFUSES_FIRST, 1);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, SESSION_TOKEN);
		assert_int_equal(r[i].generation, 2);
	}
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void refusal_passes_on_where_the_renewal_fails(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	plan(400, "{\"error\":\"invalid_client\"}", 200);
	start();
	one = get(A);
	r = send_many(A, REFUSES, 0);
	wait_all();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(r[i].answer, SESSION_TOKEN);
		assert_int_equal(r[i].generation, 1);
	}
	assert_int_equal(asked(), 2);
	one = get(A);
	assert_int_equal(one.answer, SESSION_TOKEN);
	assert_int_equal(one.generation, 1);
	assert_int_equal(asked(), 2);
	stop(0);
	mem_free(r);
}

static void refusals_of_all_tokens_are_held(void **state)
{
	struct request *r, one;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	r = send_many(A, REFUSES, 0);
	wait_all();
	for (int round = 0; round < 20; round++) {
		one = request(A, REFUSES, 0);
		send_one(&one, round % WORKERS);
		assert_int_equal(one.answer, SESSION_TOKEN);
		usleep(10000);
	}
	assert_int_equal(asked(), 2);
	/* accepted: the next refusal is worth another token */
	one = get(A);
	assert_int_equal(one.generation, 2);
	usleep(200000);
	one = request(A, REFUSES_FIRST, 2);
	send_one(&one, 1);
	assert_int_equal(one.generation, 3);
	assert_int_equal(asked(), 3);
	stop(0);
	mem_free(r);
}

/* --- the store --- */

static void token_is_stored_before_it_is_used(void **state)
{
	struct request r = request(A, ACCEPTS, 0);

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	sem_init(&hook.held, 0, 0);
	sem_init(&hook.go, 0, 0);
	atomic_store(&hook.hold, true);
	worker_send(&it.workers[0], &r);
	sem_wait(&hook.held); /* in the commit, on the keeper's thread */
	atomic_store(&hook.hold, false);
	usleep(100000);
	assert_int_equal(atomic_load(&it.workers[0].running), 1);
	assert_int_equal(look(A).generation, 0);
	sem_post(&hook.go);
	wait_all();
	assert_int_equal(r.answer, SESSION_TOKEN);
	stop(0);
	sem_destroy(&hook.held);
	sem_destroy(&hook.go);
}

static void token_survives_a_restart(void **state)
{
	struct request r;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	get(A);
	stop(0);
	start();
	assert_int_equal(look(A).state, SESSION_READY);
	r = get(A);
	assert_int_equal(r.answer, SESSION_TOKEN);
	assert_int_equal(r.generation, 1);
	assert_int_equal(asked(), 1);
	stop(0);
}

static void store_that_cannot_be_written_is_tried_again(void **state)
{
	struct request r;
	int64_t end;

	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	atomic_store(&hook.fail, true);
	r = get(A);
	assert_int_equal(r.answer, SESSION_TOKEN);
	assert_false(broker_store_ok(it.broker));
	usleep(1200000);
	assert_false(broker_store_ok(it.broker));
	atomic_store(&hook.fail, false);
	end = clock_ms() + 8000;
	while (!broker_store_ok(it.broker) && clock_ms() < end)
		usleep(10000);
	assert_true(broker_store_ok(it.broker));
	stop(0);
	start();
	assert_int_equal(look(A).state, SESSION_READY);
	stop(0);
	assert_int_equal(asked(), 1);
}

static void what_was_missed_is_stored_at_the_end(void **state)
{
	(void)state;
	plan(200, ENDPOINT_OK, 0);
	start();
	atomic_store(&hook.fail, true);
	get(A);
	assert_false(broker_store_ok(it.broker));
	atomic_store(&hook.fail, false);
	stop(2000);
	start();
	assert_int_equal(look(A).state, SESSION_READY);
	stop(0);
}

static void stored_token_that_is_damaged(void **state)
{
	struct broker *b;
	struct fault f;

	(void)state;
	open_store();
	assert_int_equal(store_begin(it.store, &f), 0);
	assert_int_equal(store_put(it.store,
				   str_z(it.services->v[A]->identity),
				   STR("{}"), &f),
			 0);
	assert_int_equal(store_commit(it.store, &f), 0);
	b = broker_new(it.services, it.store, &f);
	assert_null(b);
	assert_non_null(strstr(f.text, "[service a]"));
	assert_non_null(strstr(f.text, "damaged"));
	/* and is left alone */
	b = broker_new(it.services, it.store, &f);
	assert_null(b);
	store_close(&it.store);
}

/* --- the end --- */

static void answer_under_way_is_stored_at_the_end(void **state)
{
	struct request r = request(A, ACCEPTS, 0);
	int64_t end = clock_ms() + 5000;

	(void)state;
	plan(200, ENDPOINT_OK, 500);
	start();
	worker_send(&it.workers[0], &r);
	while (asked() == 0 && clock_ms() < end)
		usleep(1000);
	stop(5000); /* the request is given up, its answer is not */
	start();
	assert_int_equal(look(A).state, SESSION_READY);
	assert_int_equal(asked(), 1);
	stop(0);
}

static void grace_has_an_end(void **state)
{
	struct request r = request(A, ACCEPTS, 0);
	int64_t end = clock_ms() + 5000, before;

	(void)state;
	plan(200, ENDPOINT_OK, 2000);
	start();
	worker_send(&it.workers[0], &r);
	while (asked() == 0 && clock_ms() < end)
		usleep(1000);
	before = clock_ms();
	stop(100);
	assert_in_range(clock_ms() - before, 50, 1200);
}

static void broker_that_never_starts(void **state)
{
	struct mailbox *box;
	struct loop *loop;
	struct session_view *v;
	struct broker *b;
	struct fault f;

	(void)state;
	open_store();
	b = broker_new(it.services, it.store, &f);
	assert_non_null(b);
	loop = loop_new(&f);
	box = mailbox_new(loop, NULL, &f);
	v = broker_view(b, box);
	broker_stop(b, 100);
	broker_free(&b);
	assert_null(b);
	broker_free(&b);
	session_view_free(&v);
	mailbox_free(&box);
	loop_free(&loop);
	store_close(&it.store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	int (*fn)(sqlite3 *, char **, const void *) = on_connection;
	const struct CMUnitTest tests[] = {
		TEST(many_wait_for_one_token),
		TEST(tokens_that_end_under_load),
		TEST(static_and_none_ask_nobody),
		TEST(too_many_waiters),
		TEST(background_renewal),
		TEST(denial_reaches_all_and_is_remembered),
		TEST(second_try_is_quick),
		TEST(outage_is_told_after_the_second_try),
		TEST(timeout_is_an_outage),
		TEST(token_that_cannot_be_placed),
		TEST(outage_with_a_live_token_is_not_noticed),
		TEST(many_refusals_renew_once),
		TEST(refusal_passes_on_where_the_renewal_fails),
		TEST(refusals_of_all_tokens_are_held),
		TEST(token_is_stored_before_it_is_used),
		TEST(token_survives_a_restart),
		TEST(store_that_cannot_be_written_is_tried_again),
		TEST(what_was_missed_is_stored_at_the_end),
		TEST(stored_token_that_is_damaged),
		TEST(answer_under_way_is_stored_at_the_end),
		TEST(grace_has_an_end),
		TEST(broker_that_never_starts),
	};

	sqlite3_auto_extension((void (*)(void))fn);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
