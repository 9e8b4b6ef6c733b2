/* SPDX-License-Identifier: MIT */
/* The broker: the thread that owns every session. It alone talks to token
 * endpoints; single flight follows from there being one owner. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "service/service.h"
#include "session/view.h"
#include "store/keeper.h"
#include "store/store.h"

struct broker;

/* Builds all sessions and takes their stored tokens out of the store (which
 * may still be main's then). services outlives the broker. */
ATTR_MUST_CHECK struct broker *broker_new(const struct services *services,
					  struct store *store,
					  struct fault *f);
/* A worker's view, with the present snapshots. Before broker_start; box is
 * the worker's mailbox on its loop. The view is freed by the worker's thread
 * after broker_stop, or before broker_start. */
ATTR_MALLOC struct session_view *broker_view(struct broker *b,
					     struct mailbox *box);
/* Starts the thread. */
ATTR_MUST_CHECK int broker_start(struct broker *b, struct keeper *keeper,
				 struct fault *f);
/* Ends the thread: what is under way is waited for at most grace ms, so that
 * an answer of the server is stored, then cancelled; a token request whose
 * answer could not be had again (a refresh, a login) as long as its
 * token_timeout. The views are told nothing any more. */
void broker_stop(struct broker *b, int64_t grace);
void broker_free(struct broker **b);

/* clock_ms of its loop's last turn, for /-/health/live. Any thread. */
int64_t broker_last_turn(const struct broker *b);
/* Whether the last write to the store worked, and it is where it belongs. Any
 * thread. */
bool broker_store_ok(const struct broker *b);

/* How people's browsers reach bearerd: a URL without a slash at its end;
 * NULL: they do not. Before broker_start. */
void broker_set_external(struct broker *b, const char *url);
