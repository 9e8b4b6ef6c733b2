/* SPDX-License-Identifier: MIT */
/* A client of the control socket and the one request that it makes, as the
 * daemon's halves of the commands see them. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/loop.h"
#include "broker/broker_int.h"
#include "broker/login.h"
#include "broker/logout.h"
#include "broker/token_wait.h"
#include "control/request.h"
#include "data/json.h"

struct control_peer;

/* A command as the daemon knows it: a row beside the client's half. */
struct control_command {
	const char *name;
	bool every; /* may be asked without a service */
	/* Answers, or begins what will: with control_peer_end at last. -1 with
	 * a fault where it cannot be. */
	int (*begin)(struct control_peer *p, const struct control_request *r,
		     struct fault *f);
	/* The client has gone before the end; NULL: what it waits for is a
	 * token, or nothing. */
	void (*leave)(struct control_peer *p);
};

/* The row of that name, or NULL. */
typedef const struct control_command *control_find_fn(struct str name);

enum control_phase {
	CONTROL_READS, /* its request is not whole yet */
	CONTROL_WORKS, /* it waits for the end */
	CONTROL_ENDS,  /* what is left is to be written */
};

struct control_peer {
	struct list node;
	struct broker *broker;
	control_find_fn *find;
	int fd;
	uid_t uid; /* the other end's */
	struct loop_io io;
	struct loop_timer timer;
	struct buf in, out; /* secret */
	enum control_phase phase;
	const struct control_command *command; /* from CONTROL_WORKS on */
	struct entry *entry;                   /* NULL: every service's */
	struct json_out json;                  /* the event being written */
	/* What was typed in meanwhile; NULL: nothing is. */
	void (*on_line)(struct control_peer *p, struct str line);
	/* What is under way. */
	struct token_wait token_wait;
	struct logout *logout;
	struct login *login;
	/* What else the command keeps; freed with the peer. */
	void *own;
	void (*own_free)(void *own);
};

/* Takes fd over and waits for its request, on the broker's loop; puts it into
 * the list, which it leaves when it is freed. -1 with a fault: closed. */
ATTR_MUST_CHECK int control_peer_new(struct list *peers, struct broker *b,
				     control_find_fn *find, int fd, uid_t uid,
				     struct fault *f);
/* Frees it, once the broker has ended; what it has not been told yet is
 * written, as far as that goes at once. */
void control_peer_finish(struct control_peer *p);

/* An event of this name; members may be added until it is sent. */
struct json_out *control_event(struct control_peer *p, const char *name);
void control_event_send(struct control_peer *p);
/* The last event. error: why it failed, or NULL. */
void control_peer_end(struct control_peer *p, const struct fault *error);
