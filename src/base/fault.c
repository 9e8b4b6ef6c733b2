/* SPDX-License-Identifier: MIT */
/* The words of a failure: set where it happened, prefixed on their way, read
 * where they are logged or shown. */
#include "base/fault.h"

#include <stdio.h>
#include <string.h>

int fault_set(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fault_setv(f, fmt, ap);
	va_end(ap);
	return -1;
}

/* By way of a copy, as the values may point into the old text. */
int fault_setv(struct fault *f, const char *fmt, va_list ap)
{
	struct fault made = { "" };

	if (!f)
		return -1;
	(void)vsnprintf(made.text, sizeof(made.text), fmt, ap);
	*f = made;
	return -1;
}

/* Puts more behind the text, as far as there is room. */
static void append(struct fault *f, const char *more)
{
	size_t n = strlen(f->text);
	size_t add = strnlen(more, sizeof(f->text) - 1 - n);

	memcpy(f->text + n, more, add);
	f->text[n + add] = '\0';
}

int fault_prefix(struct fault *f, const char *fmt, ...)
{
	struct fault where;
	va_list ap;

	if (!f)
		return -1;
	va_start(ap, fmt);
	(void)fault_setv(&where, fmt, ap);
	va_end(ap);
	append(&where, ": ");
	append(&where, f->text);
	*f = where;
	return -1;
}

int fault_errno(struct fault *f, int err, const char *fmt, ...)
{
	char room[128];
	va_list ap;

	if (!f)
		return -1;
	va_start(ap, fmt);
	(void)fault_setv(f, fmt, ap);
	va_end(ap);
	append(f, ": ");
	append(f, strerror_r(err, room, sizeof(room)));
	return -1;
}
