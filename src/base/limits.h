/* SPDX-License-Identifier: MIT */
/* Every bound of the process: its number, and what happens at it. The code
 * takes the numbers from here, and the manual's section LIMITS is made from
 * here (build-aux/update-manual). A bound that a key sets has its default in
 * the key's row (service/keys.c); service/manual.c joins the two. */
#pragma once

#define LIMIT_KIB 1024
#define LIMIT_MIB (1024 * 1024)

/* X(name, number, unit, what is bounded, what happens at it) */
/* clang-format off */
#define LIMITS_LOG(X) \
	X(LOG_QUEUE, 256 * LIMIT_KIB, "octets", \
	  "log lines that wait for who reads the log", \
	  "Further lines are dropped until half of it is free; " \
	  "log_dropped then says how many.") \
	X(LOG_LINE, 4 * LIMIT_KIB, "octets", \
	  "a log line", \
	  "Fields that do not fit are left out, and truncated=true says so.") \
	X(LOG_VALUE, 512, "octets", \
	  "a value in a log line", \
	  "It is cut.") \
	X(LOG_PERIOD, 1000, "ms", \
	  "the time in which one line of a kind and service is written", \
	  "The others are counted; the next line or, when none comes, a " \
	  "line of their own says how many (suppressed).") \
	X(LOG_KINDS, 512, "kinds", \
	  "kinds of log lines that are told apart for that", \
	  "The oldest is forgotten once its count is written.") \
	X(LOG_END, 1000, "ms", \
	  "the time in which the log's reader takes nothing, at the end", \
	  "The process ends without it.")
/* clang-format on */

#define LIMITS(X) LIMITS_LOG(X)

#define LIMIT_NUMBER(name, number, unit, what, at) LIMIT_##name = (number),
enum limit_number { LIMITS(LIMIT_NUMBER) };
#undef LIMIT_NUMBER
