/* SPDX-License-Identifier: MIT */
/* The files of the sessions' secrets: a change takes effect without a
 * reload. */
#pragma once

struct broker;

/* At the start: notes what the files are like. */
void secret_watch_init(struct broker *b);
/* Looks at them from now on, once a second, in the broker's thread. */
void secret_watch_start(struct broker *b);
