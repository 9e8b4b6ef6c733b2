/* SPDX-License-Identifier: MIT */
/* Writes the words that a process ends with. Whoever keeps lines back (log.c)
 * says how they are written; until then standard error is there. */
#include "base/last_words.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

static void write_to_stderr(const char *words, size_t n)
{
	(void)!write(STDERR_FILENO, words, n);
}

static _Atomic(void (*)(const char *, size_t)) words_write = write_to_stderr;

void last_words_by(void (*write_words)(const char *words, size_t n))
{
	atomic_store(&words_write, write_words);
}

void last_words(const char *fmt, ...)
{
	char words[LIMIT_LOG_VALUE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	atomic_load(&words_write)(words, (size_t)n < sizeof(words) ?
						 (size_t)n : sizeof(words) - 1);
}
