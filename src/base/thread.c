/* SPDX-License-Identifier: MIT */
/* Starting a thread: below all that runs in one. */
#include "base/thread.h"

#include <signal.h>
#include <string.h>

#include "base/alloc.h"

enum { NAME_SIZE = 16 }; /* the kernel's, with its NUL */

struct beginning {
	char name[NAME_SIZE];
	void *(*run)(void *arg);
	void *arg;
};

static void *begin(void *arg)
{
	struct beginning b = *(struct beginning *)arg;

	mem_free(arg);
	pthread_setname_np(pthread_self(), b.name);
	return b.run(b.arg);
}

int thread_start(pthread_t *out, const char *name, size_t stack,
		 void *(*run)(void *arg), void *arg)
{
	struct beginning *b = mem_new(struct beginning);
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	strncpy(b->name, name, sizeof(b->name) - 1);
	b->run = run;
	b->arg = arg;
	pthread_attr_init(&attr);
	if (!out)
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (stack > 0)
		pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(out ? out : &thread, &attr, begin, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (err != 0)
		mem_free(b);
	return err;
}
