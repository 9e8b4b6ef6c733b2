/* SPDX-License-Identifier: MIT */
/* notify and notify_url, checked and compiled: which program the broker runs
 * and which URL it posts to when somebody is to be told of a session. For
 * service/ only. */
#pragma once

struct compiling;
struct services;

/* Fills services->notify_url and its transport. What is wrong with either key
 * is in the report. */
void notify_target_compile(struct compiling *c);
void notify_target_fini(struct services *s);
