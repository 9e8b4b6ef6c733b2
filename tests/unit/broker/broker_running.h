/* SPDX-License-Identifier: MIT */
/* Everything around a broker for its tests: an endpoint, a store on disk
 * whose commits can be held and made to fail, a keeper, two workers. */
#pragma once

#include <semaphore.h>
#include <sqlite3.h>

#include "authserver/endpoint.h"
#include "broker/broker.h"
#include "broker/broker_int.h"
#include "broker/worker.h"

/* clang-format off */
static const char text[] =
	SERVICE("a")
	SERVICE("short") "token_timeout = 1s\n"
	SERVICE("few") "max_waiting = 5\n"
	SERVICE("missing") "token_format = {token.tenant}\n"
	"[service fixed]\n"
	"upstream = https://fixed.example.com\naccess_token = pat\n"
	"[service nothing]\nupstream = https://nothing.example.com\n"
	"[service user]\nupstream = https://user.example.com\n"
	"token_endpoint = http://127.0.0.1:@/token\nclient_id = demo\n"
	"username = joe\npassword = pa55\n"
	"[service seed]\nupstream = https://seed.example.com\n"
	"token_endpoint = http://127.0.0.1:@/token\nclient_id = demo\n"
	"refresh_token = s33d\n";
/* clang-format on */

enum { A, SHORT, FEW, MISSING, FIXED, NOTHING, USER, SEED };
enum { WORKERS = 2, MANY = 300 };

static struct {
	char folder[64], spec[128];
	struct secret *key;
	struct fake_endpoint *endpoint;
	struct services *services;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	struct worker workers[WORKERS];
	bool runs;
	int64_t ahead; /* ms that the clocks are in front of the real ones */
} it;

/* SQLite calls it before each commit that changes something: it can be held
 * there, and made to fail. */
static struct {
	atomic_bool hold, fail;
	atomic_int commits;
	sem_t held, go;
} hook;

static inline int before_commit(void *arg)
{
	(void)arg;
	atomic_fetch_add(&hook.commits, 1);
	if (atomic_load(&hook.hold)) {
		sem_post(&hook.held);
		sem_wait(&hook.go);
	}
	return atomic_load(&hook.fail);
}

static inline int on_connection(sqlite3 *db, char **words, const void *api)
{
	(void)words;
	(void)api;
	sqlite3_commit_hook(db, before_commit, NULL);
	return SQLITE_OK;
}

/* --- start and stop --- */

static inline void open_store(void)
{
	struct fault f;

	it.store = store_open(str_z(it.spec), &it.key, 1, &f);
	if (!it.store)
		print_error("%s\n", f.text);
	assert_non_null(it.store);
}

static inline void start(void)
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
	it.runs = true;
}

static inline void stop(int64_t grace)
{
	it.runs = false;
	for (int i = 0; i < WORKERS; i++)
		worker_stop(&it.workers[i]);
	broker_stop(it.broker, grace);
	keeper_stop(&it.keeper);
	for (int i = 0; i < WORKERS; i++)
		worker_free(&it.workers[i]);
	broker_free(&it.broker);
	store_close(&it.store);
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
	char path[160];

	(void)state;
	clock_real();
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

/* --- time --- */

static inline void worker_nothing(struct worker *w, void *arg)
{
	(void)w;
	(void)arg;
}

static inline void mail_nothing(struct mail *mail, void *owner)
{
	(void)owner;
	mem_free(mail);
}

/* So much time goes by at once: the clocks are put forward, and all loops look
 * at their timers. */
static inline void pass(int64_t ms)
{
	struct mail *mail;

	it.ahead += ms;
	clock_ahead(it.ahead);
	if (!it.runs)
		return;
	mail = mem_new(struct mail);
	mail->deliver = mail_nothing;
	mailbox_post(it.broker->context.box, mail);
	for (int i = 0; i < WORKERS; i++)
		worker_do(&it.workers[i], worker_nothing, NULL);
}

/* No time goes by until pass() is called, however slow the machine is. */
static inline void hold_clock(void)
{
	clock_fake(clock_ms(), clock_wall_ms());
}

/* --- requests --- */

static inline void plan(int status, const char *body, int delay)
{
	endpoint_plan(it.endpoint,
		      (struct endpoint_answer){ .status = status,
						.body = body,
						.delay = delay });
}

static inline int asked(void)
{
	return atomic_load(&it.endpoint->requests);
}

/* At most 10 s. */
static inline void wait_until_asked(int times)
{
	for (int i = 0; i < 10000 && asked() < times; i++)
		usleep(1000);
	assert_int_equal(asked(), times);
}

static inline struct request
request(size_t service, enum upstream_mood mood, uint64_t bad)
{
	struct request r = { .service = service, .mood = mood, .bad = bad };

	return r;
}

/* Sends one and waits for its end. */
static inline struct request *send_one(struct request *r, int worker)
{
	worker_send(&it.workers[worker], r);
	worker_wait(&it.workers[worker]);
	return r;
}

static inline struct request get(size_t service)
{
	struct request r = request(service, ACCEPTS, 0);

	send_one(&r, 0);
	return r;
}

static inline struct request *
send_many(size_t service, enum upstream_mood mood, uint64_t bad)
{
	struct request *r = mem_array(MANY, sizeof(*r));

	for (int i = 0; i < MANY; i++) {
		r[i] = request(service, mood, bad);
		worker_send(&it.workers[i % WORKERS], &r[i]);
	}
	return r;
}

static inline void wait_all(void)
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

static inline void look_at(struct worker *w, void *arg)
{
	struct look *l = arg;
	const struct snapshot *s = session_view_get(w->view, l->service);

	l->state = s->state;
	l->generation = s->generation;
	l->status = s->failure.status;
	l->usable = snapshot_usable(s, loop_now(w->loop));
}

static inline struct look look(size_t service)
{
	struct look l = { .service = service };

	worker_do(&it.workers[1], look_at, &l);
	return l;
}

/* Waits until a view has this state, at most 10 s. */
static inline void wait_for_state(size_t service, enum session_state state)
{
	for (int i = 0; i < 2000 && look(service).state != state; i++)
		usleep(5000);
	assert_int_equal(look(service).state, state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The group's: from here on all stores have the hook. */
static inline int hook_commits(void **state)
{
	int (*fn)(sqlite3 *, char **, const void *) = on_connection;

	(void)state;
	sqlite3_auto_extension((void (*)(void))fn);
	return 0;
}
