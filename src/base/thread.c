/* SPDX-License-Identifier: MIT */
/* Starts a thread with a name and without signals. Below all that runs in
 * one. */
#include "base/thread.h"

#include <signal.h>
#include <stdio.h>

enum { NAME_SIZE = 16 }; /* the kernel's, with its NUL */

/* A thread is born with its maker's name, which is therefore changed for that
 * long: one that was handed its own would free that, and so make itself an
 * arena of the heap, 64 MiB of addresses. */
int thread_start(pthread_t *out, const char *name, size_t stack,
		 void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	char own[NAME_SIZE], cut[NAME_SIZE];
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	pthread_attr_init(&attr);
	if (stack > 0)
		pthread_attr_setstacksize(&attr, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	snprintf(cut, sizeof(cut), "%.*s", NAME_SIZE - 1, name);
	pthread_getname_np(pthread_self(), own, sizeof(own));
	pthread_setname_np(pthread_self(), cut);
	err = pthread_create(&thread, &attr, run, arg);
	pthread_setname_np(pthread_self(), own);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (err != 0)
		return err;
	if (out)
		*out = thread;
	else
		pthread_detach(thread);
	return 0;
}
