/* SPDX-License-Identifier: MIT */
/* The keeper's thread: takes what the broker wants stored, and sends it back
 * once it is durable. While it writes, more gathers; that is the next
 * transaction. */
#include "store/keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/thread.h"

struct keeper {
	struct store *store;
	_Atomic bool store_there; /* as far as it was looked */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct list jobs; /* the first submitted in front */
	bool stopping;
};

static struct keeper_job *keeper_job_of(struct list *node)
{
	return list_entry(node, struct keeper_job, node);
}

static int keeper_do(struct keeper *k, const struct keeper_job *job,
		     struct fault *f)
{
	if (!job->value)
		return store_remove(k->store, str_z(job->id), f);
	return store_put(k->store, str_z(job->id), secret_expose(job->value),
			 f);
}

/* All of them or none. */
static int keeper_transact(struct keeper *k, struct list *jobs,
			   struct fault *f)
{
	if (store_begin(k->store, f) < 0)
		return -1;
	list_each(it, jobs) {
		if (keeper_do(k, keeper_job_of(it), f) < 0)
			goto failed;
	}
	if (store_commit(k->store, f) == 0)
		return 0;
failed:
	store_rollback(k->store);
	return -1;
}

/* Sends all back; from its posting on a job is its owner's. */
static void keeper_reply(struct list *jobs, int result, const struct fault *f)
{
	struct list *node;

	while ((node = list_shift(jobs))) {
		struct keeper_job *job = keeper_job_of(node);

		job->result = result;
		if (result < 0)
			job->fault = *f;
		mailbox_post(job->reply, &job->mail);
	}
}

static void keeper_try(struct keeper *k, struct list *jobs)
{
	struct fault f = { "" };
	bool alone = jobs->next == jobs->prev;
	int result = keeper_transact(k, jobs, &f);
	struct list *node;

	if (result == 0 || alone) {
		keeper_reply(jobs, result, &f);
		return;
	}
	while ((node = list_shift(jobs))) {
		struct list one = LIST_INIT(one);

		list_push(&one, node);
		keeper_reply(&one, keeper_transact(k, &one, &f), &f);
	}
}

/* With the lock held; false where nothing has come for a while. */
static bool keeper_pause(struct keeper *k)
{
	struct timespec until;

	ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	until.tv_sec += LIMIT_STORE_LOOK;
	return pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0;
}

/* Waits for jobs and moves all that there are to the empty list; false once
 * there are none and will be none. */
static bool keeper_wait(struct keeper *k, struct list *jobs)
{
	bool more;

	pthread_mutex_lock(&k->lock);
	while (list_empty(&k->jobs) && !k->stopping)
		if (!keeper_pause(k))
			break;
	list_splice(jobs, &k->jobs);
	more = !list_empty(jobs) || !k->stopping;
	pthread_mutex_unlock(&k->lock);
	return more;
}

/* What is wrong is told when it begins and when it ends. */
static void keeper_look(struct keeper *k)
{
	bool was_there = atomic_load(&k->store_there);
	struct fault f;
	bool there = store_check_key(k->store, &f) == 0 &&
		     store_check(k->store, &f) == 0;

	atomic_store(&k->store_there, there);
	if (was_there && !there)
		log_warning(EV("store_lost"), KV("reason", &f));
	else if (!was_there && there)
		log_info(EV("store_found_again"));
}

static void *keeper_run(void *arg)
{
	struct keeper *k = arg;
	struct list jobs = LIST_INIT(jobs);

	while (keeper_wait(k, &jobs)) {
		keeper_look(k);
		if (!list_empty(&jobs))
			keeper_try(k, &jobs);
	}
	return NULL;
}

static void keeper_free(struct keeper *k)
{
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

/* Its times are those of the clock that nobody sets. */
static void keeper_init_wake(struct keeper *k)
{
	pthread_condattr_t attr;

	ASSERT(pthread_condattr_init(&attr) == 0);
	ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(&k->wake, &attr) == 0);
	pthread_condattr_destroy(&attr);
}

struct keeper *keeper_start(struct store *store, struct fault *f)
{
	struct keeper *k = mem_new(struct keeper);
	int rc;

	k->store = store;
	list_init(&k->jobs);
	ASSERT(pthread_mutex_init(&k->lock, NULL) == 0);
	atomic_init(&k->store_there, true);
	keeper_init_wake(k);
	rc = thread_start(&k->thread, "keeper", 0, keeper_run, k);
	if (rc != 0) {
		fault_errno(f, rc, "cannot start the store's thread");
		keeper_free(k);
		return NULL;
	}
	return k;
}

void keeper_submit(struct keeper *k, struct keeper_job *job)
{
	pthread_mutex_lock(&k->lock);
	ASSERT(!k->stopping);
	list_push(&k->jobs, &job->node);
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void keeper_stop(struct keeper **keeper)
{
	struct keeper *k = *keeper;

	*keeper = NULL;
	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->stopping = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	keeper_free(k);
}

bool keeper_store_is_there(const struct keeper *k)
{
	return atomic_load(&k->store_there);
}
