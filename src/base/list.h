/* SPDX-License-Identifier: MIT */
/* An intrusive, doubly linked, circular list: an object's state is the list
 * that it is on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A list's head, or the node inside of an object. */
struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

/* The object that holds the node. */
#define list_entry(node, type, member) \
	((type *)(void *)((char *)(node) - offsetof(type, member)))

/* Over all nodes; the body must not remove any but the current one, and that
 * only with list_each_safe. */
#define list_each(it, head) \
	for (struct list *it = (head)->next; it != (head); it = it->next)
#define list_each_safe(it, head)                                     \
	for (struct list *it = (head)->next, *it##_next = it->next;  \
	     it != (head); it = it##_next, it##_next = it->next)

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

/* Puts node at the end of the list. */
static inline void list_push(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Puts node at the beginning of the list. */
static inline void list_push_front(struct list *head, struct list *node)
{
	list_push(head->next, node);
}

/* Takes node off its list; a node that is on none (initialised) may be taken
 * off, and twice. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = node->prev = node;
}

/* Takes the first node off and returns it; NULL where there is none. */
static inline struct list *list_shift(struct list *head)
{
	struct list *first = head->next;

	if (first == head)
		return NULL;
	list_remove(first);
	return first;
}

/* Moves all nodes of from, in order, to the end of to; from is empty then. */
static inline void list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}
