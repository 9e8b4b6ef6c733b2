/* SPDX-License-Identifier: MIT */
/* notify and notify_url, checked and compiled: what the broker runs and asks
 * when something has to be known of a session. For service/ only. */
#pragma once

struct compiling;
struct services;

/* Fills services->notify_url and its transport. What is wrong with either key
 * is in the report. */
void notify_target_compile(struct compiling *c);
void notify_target_fini(struct services *s);
