/* SPDX-License-Identifier: MIT */
#include "base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { SENDERS = 4, LETTERS = 5000 };

/* What a mailbox's owner has got. */
struct owner {
	struct loop *loop;
	struct mailbox *box;
	int n, next[SENDERS];
	bool disorder;
};

struct letter {
	struct mail mail;
	int sender, number;
	bool answer; /* posts another when it is delivered */
};

static struct fault fault;

static struct letter *letter_new(int sender, int number);

static void deliver(struct mail *mail, void *arg)
{
	struct letter *l = (struct letter *)(void *)mail;
	struct owner *o = arg;

	if (l->number != o->next[l->sender]++)
		o->disorder = true;
	o->n++;
	if (l->answer)
		mailbox_post(o->box,
			     &letter_new(l->sender, l->number + 1)->mail);
	mem_free(l);
}

static struct letter *letter_new(int sender, int number)
{
	struct letter *l = mem_new(struct letter);

	l->mail.deliver = deliver;
	l->sender = sender;
	l->number = number;
	return l;
}

static void owner_init(struct owner *o)
{
	*o = (struct owner){ .n = 0 };
	o->loop = loop_new(&fault);
	assert_non_null(o->loop);
	o->box = mailbox_new(o->loop, o, &fault);
	assert_non_null(o->box);
}

static void owner_fini(struct owner *o)
{
	mailbox_free(&o->box);
	assert_null(o->box);
	mailbox_free(&o->box);
	loop_free(&o->loop);
}

static void test_wakes_the_loop_and_keeps_order(void **state)
{
	struct owner o;

	(void)state;
	owner_init(&o);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++)
			mailbox_post(o.box,
				     &letter_new(0, round * 10 + i)->mail);
		assert_int_equal(o.n, round * 10);
		loop_turn(o.loop, 0);
		assert_int_equal(o.n, round * 10 + 10);
	}
	assert_false(o.disorder);
	owner_fini(&o);
}

static void test_quiet_without_mail(void **state)
{
	int64_t before = clock_ms();
	struct owner o;

	(void)state;
	owner_init(&o);
	mailbox_post(o.box, &letter_new(0, 0)->mail);
	loop_turn(o.loop, 0);
	loop_turn(o.loop, 40); /* an event left over would end this at once */
	assert_true(clock_ms() - before >= 39);
	assert_int_equal(o.n, 1);
	owner_fini(&o);
}

static void test_drain_by_hand(void **state)
{
	struct owner o;

	(void)state;
	owner_init(&o);
	mailbox_drain(o.box);
	mailbox_post(o.box, &letter_new(0, 0)->mail);
	mailbox_post(o.box, &letter_new(0, 1)->mail);
	mailbox_drain(o.box);
	assert_int_equal(o.n, 2);
	loop_turn(o.loop, 0);
	assert_int_equal(o.n, 2);
	mailbox_post(o.box, &letter_new(0, 2)->mail);
	loop_turn(o.loop, 0);
	assert_int_equal(o.n, 3);
	assert_false(o.disorder);
	owner_fini(&o);
}

static void test_post_from_a_delivery(void **state)
{
	struct letter *l = letter_new(0, 0);
	struct owner o;

	(void)state;
	owner_init(&o);
	l->answer = true;
	mailbox_post(o.box, &l->mail);
	loop_turn(o.loop, 0);
	assert_int_equal(o.n, 1);
	loop_turn(o.loop, 1000);
	assert_int_equal(o.n, 2);
	owner_fini(&o);
}

/* Also what its delivery brings. */
static void test_free_delivers_the_rest(void **state)
{
	struct letter *l = letter_new(0, 0);
	struct owner o;

	(void)state;
	owner_init(&o);
	l->answer = true;
	mailbox_post(o.box, &l->mail);
	mailbox_free(&o.box);
	assert_null(o.box);
	assert_int_equal(o.n, 2);
	loop_free(&o.loop);
}

static void test_no_descriptors_left(void **state)
{
	struct loop *loop = loop_new(&fault);
	struct rlimit old, few = { 0, 0 };
	struct mailbox *box;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	box = mailbox_new(loop, NULL, &fault);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(box);
	assert_non_null(strstr(fault.text, strerror(EMFILE)));
	loop_free(&loop);
}

/* ---- threads ---- */

struct sender {
	pthread_t id;
	struct mailbox *box;
	int number;
};

static void *send_letters(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < LETTERS; i++)
		mailbox_post(s->box, &letter_new(s->number, i)->mail);
	return NULL;
}

static void test_many_senders(void **state)
{
	struct sender senders[SENDERS];
	int64_t until = clock_ms() + 30000;
	struct owner o;

	(void)state;
	owner_init(&o);
	for (int i = 0; i < SENDERS; i++) {
		senders[i].box = o.box;
		senders[i].number = i;
		assert_int_equal(pthread_create(&senders[i].id, NULL,
						send_letters, &senders[i]),
				 0);
	}
	while (o.n < SENDERS * LETTERS && clock_ms() < until)
		loop_turn(o.loop, -1);
	assert_int_equal(o.n, SENDERS * LETTERS);
	for (int i = 0; i < SENDERS; i++) {
		assert_int_equal(pthread_join(senders[i].id, NULL), 0);
		assert_int_equal(o.next[i], LETTERS);
	}
	assert_false(o.disorder);
	owner_fini(&o);
}

/* A ball between two threads: each post must wake a loop that sleeps. */
struct player {
	struct loop *loop;
	struct mailbox *box, *other;
	int hits;
};

struct ball {
	struct mail mail;
	int left;
};

static void hit(struct mail *mail, void *arg)
{
	struct ball *ball = (struct ball *)(void *)mail;
	struct player *p = arg;

	p->hits++;
	if (ball->left < 2)
		loop_stop(p->loop);
	if (ball->left-- == 0)
		return;
	mailbox_post(p->other, mail);
}

static void *play(void *arg)
{
	struct player *p = arg;

	loop_run(p->loop);
	return NULL;
}

static void test_ping_pong(void **state)
{
	enum { HITS = 2000 };
	struct player p[2] = { { .hits = 0 } };
	struct ball ball = { { NULL, hit }, HITS - 1 };
	int64_t before = clock_ms();
	pthread_t t;

	(void)state;
	for (int i = 0; i < 2; i++) {
		p[i].loop = loop_new(&fault);
		assert_non_null(p[i].loop);
		p[i].box = mailbox_new(p[i].loop, &p[i], &fault);
		assert_non_null(p[i].box);
	}
	p[0].other = p[1].box;
	p[1].other = p[0].box;
	assert_int_equal(pthread_create(&t, NULL, play, &p[1]), 0);
	mailbox_post(p[0].box, &ball.mail);
	loop_run(p[0].loop);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(p[0].hits + p[1].hits, HITS);
	/* one lost wake-up costs 4 s */
	assert_true(clock_ms() - before < 4000);
	for (int i = 0; i < 2; i++) {
		mailbox_free(&p[i].box);
		loop_free(&p[i].loop);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wakes_the_loop_and_keeps_order),
		cmocka_unit_test(test_quiet_without_mail),
		cmocka_unit_test(test_drain_by_hand),
		cmocka_unit_test(test_post_from_a_delivery),
		cmocka_unit_test(test_free_delivers_the_rest),
		cmocka_unit_test(test_no_descriptors_left),
		cmocka_unit_test(test_many_senders),
		cmocka_unit_test(test_ping_pong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
