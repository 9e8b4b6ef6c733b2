/* SPDX-License-Identifier: MIT */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct item {
	int number;
	struct list node;
};

/* The numbers on the list, as one decimal number; both ways must agree. */
static int digits(struct list *head)
{
	int forth = 0, back = 0, unit = 1;

	list_each(it, head)
		forth = forth * 10 +
			list_entry(it, struct item, node)->number;
	for (struct list *it = head->prev; it != head; it = it->prev) {
		back += unit * list_entry(it, struct item, node)->number;
		unit *= 10;
	}
	assert_int_equal(forth, back);
	return forth;
}

static void fill(struct list *head, struct item *items, int n)
{
	list_init(head);
	for (int i = 0; i < n; i++) {
		items[i].number = i + 1;
		list_push(head, &items[i].node);
	}
}

static void test_empty(void **state)
{
	struct list a = LIST_INIT(a), b;

	(void)state;
	list_init(&b);
	assert_true(list_empty(&a));
	assert_true(list_empty(&b));
	assert_null(list_shift(&a));
	assert_int_equal(digits(&a), 0);
}

static void test_push_keeps_order(void **state)
{
	struct item items[4];
	struct list head;

	(void)state;
	fill(&head, items, 3);
	assert_false(list_empty(&head));
	assert_int_equal(digits(&head), 123);
	items[3].number = 9;
	list_push_front(&head, &items[3].node);
	assert_int_equal(digits(&head), 9123);
}

static void test_push_front_of_an_empty_list(void **state)
{
	struct item item = { 7, { NULL, NULL } };
	struct list head = LIST_INIT(head);

	(void)state;
	list_push_front(&head, &item.node);
	assert_int_equal(digits(&head), 7);
}

static void test_remove_anywhere_and_twice(void **state)
{
	struct item items[4];
	struct list head;

	(void)state;
	fill(&head, items, 4);
	list_remove(&items[1].node);
	assert_int_equal(digits(&head), 134);
	list_remove(&items[1].node);
	assert_int_equal(digits(&head), 134);
	list_remove(&items[0].node);
	assert_int_equal(digits(&head), 34);
	list_remove(&items[3].node);
	assert_int_equal(digits(&head), 3);
	list_remove(&items[2].node);
	assert_true(list_empty(&head));
}

static void test_shift_takes_the_first(void **state)
{
	struct item items[2];
	struct list head;

	(void)state;
	fill(&head, items, 2);
	assert_ptr_equal(list_shift(&head), &items[0].node);
	assert_true(list_empty(&items[0].node));
	assert_ptr_equal(list_shift(&head), &items[1].node);
	assert_null(list_shift(&head));
}

static void test_each_safe_allows_removal(void **state)
{
	struct item items[5];
	struct list head;

	(void)state;
	fill(&head, items, 5);
	list_each_safe(it, &head)
		if (list_entry(it, struct item, node)->number % 2)
			list_remove(it);
	assert_int_equal(digits(&head), 24);
}

static void test_splice(void **state)
{
	struct item a[2], b[3];
	struct list to, from;

	(void)state;
	fill(&to, a, 2);
	fill(&from, b, 3);
	list_splice(&to, &from);
	assert_int_equal(digits(&to), 12123);
	assert_true(list_empty(&from));
	list_splice(&to, &from);
	assert_int_equal(digits(&to), 12123);
	list_splice(&from, &to);
	assert_int_equal(digits(&from), 12123);
	assert_true(list_empty(&to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_push_keeps_order),
		cmocka_unit_test(test_push_front_of_an_empty_list),
		cmocka_unit_test(test_remove_anywhere_and_twice),
		cmocka_unit_test(test_shift_takes_the_first),
		cmocka_unit_test(test_each_safe_allows_removal),
		cmocka_unit_test(test_splice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
