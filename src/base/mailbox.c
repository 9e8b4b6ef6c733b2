/* SPDX-License-Identifier: MIT */
/* A thread's mailbox: the senders push on a stack without a lock, the owner
 * takes all of it at once and reverses it. Workers, broker and keeper talk by
 * it. */
#include "base/mailbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"

struct mailbox {
	_Atomic(struct mail *) top; /* the newest first */
	int fd;
	void *owner;
	struct loop_io io;
};

/* The eventfd is watched edge-triggered and never read: each write to it is
 * an event of its own. */
static void wake(void *arg, uint32_t events)
{
	(void)events;
	mailbox_drain(arg);
}

struct mailbox *mailbox_new(struct loop *loop, void *owner, struct fault *f)
{
	struct mailbox *box = mem_new(struct mailbox);

	atomic_init(&box->top, NULL);
	box->owner = owner;
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd < 0) {
		(void)fault_errno(f, errno, "eventfd");
	} else if (loop_io_add(loop, &box->io, box->fd, EPOLLIN | EPOLLET, wake,
			       box, f) == 0) {
		return box;
	} else {
		(void)close(box->fd);
	}
	mem_free(box);
	return NULL;
}

void mailbox_free(struct mailbox **box)
{
	struct mailbox *b = *box;

	if (!b)
		return;
	while (atomic_load_explicit(&b->top, memory_order_relaxed))
		mailbox_drain(b); /* a delivery may post here again */
	*box = NULL;
	loop_io_del(&b->io);
	(void)close(b->fd);
	mem_free(b);
}

struct loop *mailbox_loop(const struct mailbox *box)
{
	return box->io.loop;
}

void mailbox_post(struct mailbox *box, struct mail *mail)
{
	struct mail *top =
		atomic_load_explicit(&box->top, memory_order_relaxed);
	const uint64_t one = 1;
	ssize_t r;

	do {
		mail->next = top;
	} while (!atomic_compare_exchange_weak_explicit(&box->top, &top, mail,
							memory_order_release,
							memory_order_relaxed));
	if (top)
		return; /* who put the first mail in has woken the owner */
	do {
		r = write(box->fd, &one, sizeof(one));
	} while (r < 0 && errno == EINTR);
	ASSERT(r == (ssize_t)sizeof(one));
}

static struct mail *reverse(struct mail *m)
{
	struct mail *oldest = NULL;

	while (m) {
		struct mail *next = m->next;

		m->next = oldest;
		oldest = m;
		m = next;
	}
	return oldest;
}

void mailbox_drain(struct mailbox *box)
{
	struct mail *m = reverse(atomic_exchange_explicit(
		&box->top, NULL, memory_order_acquire));

	while (m) {
		struct mail *next = m->next;

		m->deliver(m, box->owner);
		m = next;
	}
}
