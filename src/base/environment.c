/* SPDX-License-Identifier: MIT */
/* The lists of environment variables, and what hides them: environment_hide
 * runs before main. */
#include "base/environment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

/* What the daemon sees. A name that ends with "*" stands for all that begin
 * so. */
/* clang-format off */
static const char *const kept[] = {
	/* folders, and where programs are found */
	"PATH", "HOME", "XDG_*", "BEARERD_PROVIDER_DIR",
	/* how dates and messages are written */
	"TZ", "LANG", "LANGUAGE", "LC_*",
	/* systemd.exec(5), sd_notify(3), sd_listen_fds(3) */
	"NOTIFY_SOCKET", "WATCHDOG_*", "LISTEN_*", "CREDENTIALS_DIRECTORY",
	"STATE_DIRECTORY", "RUNTIME_DIRECTORY", "INVOCATION_ID",
	"JOURNAL_STREAM",
#ifdef WITH_SANITIZER
	"ASAN_*", "LSAN_*", "TSAN_*", "UBSAN_*",
#endif
#ifdef WITH_COVERAGE
	"GCOV_*", "LLVM_PROFILE_FILE",
#endif
};

/* What programs do not see either: session keys written to a file (TLS
 * libraries), names resolved otherwise (resolver(3), hostname(7)), a weaker
 * choice of algorithms (GnuTLS). */
static const char *const withheld[] = {
	"SSLKEYLOGFILE", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS",
	"RESOLV_*", "GNUTLS_*",
};

/* What can hold no secret, and programs need to find their way. */
static const char *const harmless[] = {
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR",
	"TZ", "LANG", "LANGUAGE", "LC_*",
	"XDG_*", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
	"DBUS_SESSION_BUS_ADDRESS",
};
/* clang-format on */

enum {
	KEPT = sizeof(kept) / sizeof(kept[0]),
	WITHHELD = sizeof(withheld) / sizeof(withheld[0]),
	HARMLESS = sizeof(harmless) / sizeof(harmless[0]),
};

/* The variables that were taken out. */
static char **hidden;
static size_t hidden_count;

/* Whether the variable ("NAME=value") is the one that the row names. */
ATTR_EARLY static bool fits(const char *row, const char *variable)
{
	for (; *row && *row != '*'; row++, variable++)
		if (*row != *variable)
			return false;
	return *row == '*' || *variable == '=';
}

ATTR_EARLY static bool is_on(const char *const *rows, size_t n,
			     const char *variable)
{
	for (size_t i = 0; i < n; i++)
		if (fits(rows[i], variable))
			return true;
	return false;
}

/* What is kept moves to the front, in its order; behind its NULL stands the
 * rest, to the place where the array had its NULL. */
ATTR_EARLY void environment_hide(char **envp)
{
	size_t n = 0, seen = 0;

	for (; envp[seen]; seen++) {
		char *variable = envp[seen];

		if (!is_on(kept, KEPT, variable))
			continue;
		envp[seen] = envp[n];
		envp[n++] = variable;
	}
	if (n == seen)
		return;
	/* The first one that is hidden makes room for the NULL. */
	envp[seen] = envp[n];
	envp[n] = NULL;
	hidden = &envp[n + 1];
	hidden_count = seen - n;
}

const char *environment_get(const char *name)
{
	size_t n = strlen(name);
	const char *value = getenv(name);

	for (size_t i = 0; !value && i < hidden_count; i++)
		if (!strncmp(hidden[i], name, n) && hidden[i][n] == '=')
			value = hidden[i] + n + 1;
	return value;
}

static void add(char **list, size_t *n, char *variable)
{
	if (!is_on(withheld, WITHHELD, variable))
		list[(*n)++] = variable;
}

char **environment_for_programs(void)
{
	size_t seen = 0, n = 0;
	char **list;

	while (environ && environ[seen])
		seen++;
	list = mem_array(seen + hidden_count + 1, sizeof(*list));
	for (size_t i = 0; i < seen; i++)
		add(list, &n, environ[i]);
	for (size_t i = 0; i < hidden_count; i++)
		add(list, &n, hidden[i]);
	list[n] = NULL;
	return list;
}

char **environment_without_secrets(char *const *more)
{
	char **list = environment_for_programs(), **v;
	size_t given = 0, n = 0;

	for (v = list; *v; v++) {
		if (is_on(harmless, HARMLESS, *v))
			list[n++] = *v;
	}
	while (more[given])
		given++;
	list = mem_resize(list, (n + given + 1) * sizeof(*list));
	for (size_t i = 0; i < given; i++)
		list[n++] = more[i];
	list[n] = NULL;
	return list;
}
