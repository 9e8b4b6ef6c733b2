/* SPDX-License-Identifier: MIT */
/* Compiler attributes under names that say what they promise. */
#pragma once

/* The function formats like printf: argument fmt is the format, args its
 * first value (0 for a va_list). */
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Ignoring the returned value is a defect. */
#define ATTR_MUST_CHECK __attribute__((warn_unused_result))

/* No pointer argument may be NULL; or, with numbers, those. */
#define ATTR_NONNULL __attribute__((nonnull))
#define ATTR_NONNULL_AT(...) __attribute__((nonnull(__VA_ARGS__)))

#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_MALLOC __attribute__((malloc, returns_nonnull))
#define ATTR_RETURNS_NONNULL __attribute__((returns_nonnull))

/* fn(&variable) runs when the variable goes out of scope. */
#define ATTR_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Runs before the sanitizers have set themselves up. */
#define ATTR_EARLY                                                             \
	__attribute__((no_sanitize("address"), no_sanitize("thread"),          \
		       no_sanitize("undefined")))
