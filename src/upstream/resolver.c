/* SPDX-License-Identifier: MIT */
/* Looks names up in a bounded number of threads, before a new connection.
 * libcurl would look up in a thread a transfer, and wait for none of them to
 * end. */
#include "upstream/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/thread.h"

enum { BUCKETS = 256 };

/* "[ADDRESS]," */
enum { TEXT_MAX = LIMIT_RESOLVER_ADDRESSES * (INET6_ADDRSTRLEN + 3) };

/* In order; those that the configuration holds apart from the others. */
struct queue {
	struct list list;
	unsigned n;
};

struct resolver {
	unsigned refs; /* the upstreams', and the threads' */
	unsigned users;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct list buckets[BUCKETS]; /* of names, by hash */
	struct list used;             /* names, asked for longest ago first */
	struct queue own, others;     /* names that want a thread */
	unsigned names, threads;
	unsigned foreign;             /* are looked up */
	unsigned free; /* threads that rest, or have just begun */
	bool over;
};

/* A name, as long as somebody waits for it, a thread looks it up or it is
 * kept. */
struct resolver_name {
	struct list bucket, used, queued;
	struct list waiting; /* of resolver_wait */
	struct queue *queue; /* that it is in; NULL: none */
	bool looked_up;    /* by a thread, now */
	bool foreign;      /* nobody asked for it who has it in the file */
	int64_t until;     /* of what is known, ms */
	char *addresses;   /* NULL: none */
	char text[];
};

struct resolver_wait {
	struct mail mail; /* the first member: it is told by mail */
	struct list node; /* in name->waiting, until the mail is posted */
	struct resolver *resolver;
	struct resolver_name *name; /* NULL once the mail is posted */
	struct mailbox *box;
	resolver_done_fn *done;
	void *arg;
	char *addresses;
	bool cancelled;
};

/* ---- the process's one ---- */

static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;
static struct resolver *the_resolver;

static struct resolver *resolver_new(void)
{
	struct resolver *r = mem_new(struct resolver);
	pthread_condattr_t monotonic;

	r->refs = 1;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->work, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&r->buckets[i]);
	list_init(&r->used);
	list_init(&r->own.list);
	list_init(&r->others.list);
	return r;
}

static void queue_push(struct queue *q, struct resolver_name *n)
{
	list_push(&q->list, &n->queued);
	n->queue = q;
	q->n++;
}

static void queue_remove(struct resolver_name *n)
{
	if (!n->queue)
		return;
	list_remove(&n->queued);
	n->queue->n--;
	n->queue = NULL;
}

static void name_free(struct resolver *r, struct resolver_name *n)
{
	ASSERT(list_empty(&n->waiting));
	list_remove(&n->bucket);
	list_remove(&n->used);
	queue_remove(n);
	r->names--;
	mem_free(n->addresses);
	mem_free(n);
}

/* With the lock, which is gone afterwards. */
static void unref_unlock(struct resolver *r)
{
	bool last = --r->refs == 0;

	pthread_mutex_unlock(&r->lock);
	if (!last)
		return;
	list_each_safe(it, &r->used)
		name_free(r, list_entry(it, struct resolver_name, used));
	pthread_cond_destroy(&r->work);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
}

struct resolver *resolver_ref(void)
{
	struct resolver *r;

	pthread_mutex_lock(&the_lock);
	if (!the_resolver)
		the_resolver = resolver_new();
	r = the_resolver;
	r->users++;
	pthread_mutex_unlock(&the_lock);
	return r;
}

void resolver_unref(struct resolver **resolver)
{
	struct resolver *r = *resolver;
	bool last;

	*resolver = NULL;
	if (!r)
		return;
	pthread_mutex_lock(&the_lock);
	last = --r->users == 0;
	if (last)
		the_resolver = NULL;
	pthread_mutex_unlock(&the_lock);
	if (!last)
		return;
	pthread_mutex_lock(&r->lock);
	r->over = true;
	pthread_cond_broadcast(&r->work);
	unref_unlock(r);
}

/* ---- names ---- */

static struct list *bucket_of(struct resolver *r, const char *text)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return &r->buckets[h % BUCKETS];
}

static bool is_needed(const struct resolver_name *n)
{
	return n->looked_up || !list_empty(&n->waiting);
}

/* Room for one more. What is needed is bounded by those who wait, and stays. */
static void make_room(struct resolver *r)
{
	list_each_safe(it, &r->used) {
		struct resolver_name *n =
			list_entry(it, struct resolver_name, used);

		if (r->names < LIMIT_RESOLVER_NAMES)
			return;
		if (!is_needed(n))
			name_free(r, n);
	}
}

static struct resolver_name *name_new(struct resolver *r, struct list *bucket,
				      const char *text)
{
	size_t size = strlen(text) + 1;
	struct resolver_name *n = mem_alloc(sizeof(*n) + size);

	make_room(r);
	memcpy(n->text, text, size);
	list_init(&n->queued);
	list_init(&n->waiting);
	list_push(bucket, &n->bucket);
	list_push(&r->used, &n->used);
	n->until = INT64_MIN;
	n->foreign = true;
	r->names++;
	return n;
}

static struct resolver_name *name_get(struct resolver *r, const char *text)
{
	struct list *bucket = bucket_of(r, text);

	list_each(it, bucket) {
		struct resolver_name *n =
			list_entry(it, struct resolver_name, bucket);

		if (strcmp(n->text, text) != 0)
			continue;
		list_remove(&n->used);
		list_push(&r->used, &n->used);
		return n;
	}
	return name_new(r, bucket, text);
}

/* ---- who waits ---- */

static void wait_free(struct resolver_wait *w)
{
	mem_free(w->addresses);
	mem_free(w);
}

static void deliver(struct mail *mail, void *owner ATTR_UNUSED)
{
	struct resolver_wait *w = (struct resolver_wait *)(void *)mail;

	if (!w->cancelled)
		w->done(w->arg, w->addresses);
	wait_free(w);
}

/* With the lock. Who waits cannot go meanwhile, for it would need that. */
static void tell_all(struct resolver_name *n)
{
	struct list *it;

	while ((it = list_shift(&n->waiting))) {
		struct resolver_wait *w =
			list_entry(it, struct resolver_wait, node);

		w->name = NULL;
		if (n->addresses)
			w->addresses = mem_strdup(n->addresses);
		mailbox_post(w->box, &w->mail);
	}
}

void resolver_cancel(struct resolver_wait **wait)
{
	struct resolver_wait *w = *wait;
	struct resolver *r;
	bool posted;

	*wait = NULL;
	if (!w)
		return;
	r = w->resolver;
	pthread_mutex_lock(&r->lock);
	posted = !w->name;
	w->cancelled = true;
	list_remove(&w->node);
	if (!posted && w->name->queue && list_empty(&w->name->waiting))
		queue_remove(w->name);
	pthread_mutex_unlock(&r->lock);
	if (!posted)
		wait_free(w);
}

/* ---- the threads ---- */

static void add_address(struct buf *out, const struct sockaddr *a)
{
	const void *octets = &((const struct sockaddr_in *)(const void *)a)
				      ->sin_addr;
	char text[INET6_ADDRSTRLEN];

	if (a->sa_family == AF_INET6)
		octets = &((const struct sockaddr_in6 *)(const void *)a)
				  ->sin6_addr;
	else if (a->sa_family != AF_INET)
		return;
	if (!inet_ntop(a->sa_family, octets, text, sizeof(text)))
		return;
	buf_addf(out, a->sa_family == AF_INET6 ? "%s[%s]" : "%s%s",
		 out->n ? "," : "", text);
}

/* The addresses' text; NULL for none. */
static char *look_up(const char *name)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_STREAM };
	struct buf out = BUF_INIT(TEXT_MAX);
	struct addrinfo *found = NULL;
	int n = 0;

	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return NULL;
	for (struct addrinfo *a = found;
	     a && n < LIMIT_RESOLVER_ADDRESSES; a = a->ai_next, n++)
		add_address(&out, a->ai_addr);
	freeaddrinfo(found);
	if (buf_ok(&out) && out.n)
		return buf_take(&out);
	buf_fini(&out);
	return NULL;
}

/* Those of foreign names have some of the threads only, and come last, so that
 * the configuration's never wait for them. */
static struct resolver_name *next(struct resolver *r)
{
	struct queue *q = r->own.n ? &r->own : &r->others;
	struct resolver_name *n;

	if (!q->n || (q == &r->others && r->foreign >= LIMIT_RESOLVER_FOREIGN))
		return NULL;
	n = list_entry(q->list.next, struct resolver_name, queued);
	queue_remove(n);
	return n;
}

/* With the lock, which is let go meanwhile. A name that is looked up is not
 * freed. */
static void work_on(struct resolver *r, struct resolver_name *n)
{
	bool foreign = n->foreign;
	char *addresses;

	n->looked_up = true;
	r->foreign += foreign;
	pthread_mutex_unlock(&r->lock);
	addresses = look_up(n->text);
	pthread_mutex_lock(&r->lock);
	r->foreign -= foreign;
	n->looked_up = false;
	n->until = clock_ms() + (addresses ? LIMIT_RESOLVER_KEPT :
					     LIMIT_RESOLVER_KEPT_FAILED);
	mem_free(n->addresses);
	n->addresses = addresses;
	tell_all(n);
}

/* Waits for work; false once it has rested for long enough. */
static bool rest(struct resolver *r)
{
	struct timespec until;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LIMIT_RESOLVER_REST / 1000;
	r->free++;
	err = pthread_cond_timedwait(&r->work, &r->lock, &until);
	r->free--;
	return err != ETIMEDOUT;
}

static void *run(void *arg)
{
	struct resolver *r = arg;
	bool stays = true;
	struct resolver_name *n;

	pthread_mutex_lock(&r->lock);
	r->free--;
	while (!r->over) {
		n = next(r);
		if (n)
			work_on(r, n);
		else if (!stays)
			break;
		else
			stays = rest(r);
	}
	r->threads--;
	unref_unlock(r);
	return NULL;
}

/* Detached: one that hangs is left behind at the end. */
static void start_thread(struct resolver *r)
{
	if (thread_start(NULL, "resolver", LIMIT_RESOLVER_STACK, run, r) != 0)
		return;
	r->threads++;
	r->free++;
	r->refs++;
}

/* A thread for what is queued. Where none can be had, those who wait do so
 * until their time is over, or until a later name gets one. */
static void find_thread(struct resolver *r)
{
	unsigned left = r->foreign < LIMIT_RESOLVER_FOREIGN ?
				LIMIT_RESOLVER_FOREIGN - r->foreign :
				0;
	unsigned wanted = r->own.n + (r->others.n < left ? r->others.n : left);

	pthread_cond_signal(&r->work);
	if (wanted > r->free && r->threads < LIMIT_RESOLVER_THREADS)
		start_thread(r);
}

/* Into its queue; one whose name turns out to be the configuration's moves. */
static void enqueue(struct resolver *r, struct resolver_name *n)
{
	struct queue *q = n->foreign ? &r->others : &r->own;

	if (n->looked_up)
		return;
	if (n->queue != q) {
		queue_remove(n);
		queue_push(q, n);
	}
	find_thread(r);
}

static struct resolver_wait *wait_new(struct resolver *r,
				      struct resolver_name *n,
				      struct mailbox *box,
				      resolver_done_fn *done, void *arg)
{
	struct resolver_wait *w = mem_new(struct resolver_wait);

	w->mail.deliver = deliver;
	w->resolver = r;
	w->name = n;
	w->box = box;
	w->done = done;
	w->arg = arg;
	list_push(&n->waiting, &w->node);
	return w;
}

enum resolver_found resolver_ask(struct resolver *r, const char *name,
				 bool foreign, struct buf *out,
				 struct mailbox *box, resolver_done_fn *done,
				 void *arg, struct resolver_wait **wait)
{
	enum resolver_found found = RESOLVER_WAITS;
	struct resolver_name *n;

	pthread_mutex_lock(&r->lock);
	n = name_get(r, name);
	n->foreign &= foreign;
	if (!n->looked_up && n->until > clock_ms()) {
		found = n->addresses ? RESOLVER_FOUND : RESOLVER_NONE;
		if (n->addresses)
			buf_add_z(out, n->addresses);
	} else {
		*wait = wait_new(r, n, box, done, arg);
		enqueue(r, n);
	}
	pthread_mutex_unlock(&r->lock);
	return found;
}
