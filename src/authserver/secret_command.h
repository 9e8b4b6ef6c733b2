/* SPDX-License-Identifier: MIT */
/* The programs that print a session's secrets (KEY_command), run before what
 * needs these is asked for: few at a time in the process, and one of each,
 * whoever waits for it. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/list.h"
#include "service/service.h"

struct as_context;
struct secret_run;

/* f: NULL, or why a secret cannot be had. */
typedef void secret_done_fn(void *arg, const struct fault *f);

/* Who waits; embedded, zeroed is at rest. */
struct secret_wait {
	struct list node;
	struct secret_run *run; /* what it waits for; NULL: nothing */
	struct as_context *context;
	const struct service *service;
	secret_done_fn *done;
	void *arg;
};

/* Runs what has to be run of the service's section. True: all of it is there
 * now. Else done is called, once, from the loop, unless cancelled. */
ATTR_MUST_CHECK bool secret_commands_ready(struct as_context *c,
					   const struct service *s,
					   struct secret_wait *w,
					   secret_done_fn *done, void *arg);
/* A new token is wanted of the service, perhaps because the last one was
 * refused: the program that prints it is to be run again, but once a minute at
 * most. */
void secret_command_refresh(const struct service *s);
/* Fine on one at rest. The program goes on, and is of use to the next. */
void secret_wait_cancel(struct secret_wait *w);
/* Kills what runs; nobody is told. */
void secret_commands_end_all(struct as_context *c);
