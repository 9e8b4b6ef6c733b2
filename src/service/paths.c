/* SPDX-License-Identifier: MIT */
/* Finds bearerd's own files where nobody says: the configuration, the profiles,
 * the store and its key, the control socket. Root's are in the system's
 * directories, those of other users in the XDG base directories. */
#include "service/paths.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

/* A variable that holds an absolute path; NULL otherwise, as the XDG
 * specification wants. */
static const char *directory(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0] == '/' ? value : NULL;
}

static const char *home(void)
{
	const char *value = directory("HOME");
	const struct passwd *pw;

	if (value)
		return value;
	pw = getpwuid(geteuid());
	return pw && pw->pw_dir ? pw->pw_dir : "/";
}

static char *joined(const char *dir, const char *rest)
{
	struct buf b = BUF_INIT(PATH_MAX + strlen(dir) + strlen(rest));

	buf_addf(&b, "%s/%s", dir, rest);
	return buf_take(&b);
}

/* rest below an XDG directory, or where that is below the home. */
static char *xdg(const char *variable, const char *at_home, const char *rest)
{
	const char *dir = directory(variable);
	char *below, *path;

	if (dir)
		return joined(dir, rest);
	below = joined(home(), at_home);
	path = joined(below, rest);
	mem_free(below);
	return path;
}

char *services_default_path(void)
{
	if (geteuid() == 0)
		return joined(BEARERD_SYSCONFDIR, "bearerd.ini");
	return xdg("XDG_CONFIG_HOME", ".config", "bearerd/bearerd.ini");
}

/* The directory of this program's file, or NULL. */
static char *program_dir(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	if (n <= 0 || (size_t)n == sizeof(path))
		return NULL;
	while (n > 1 && path[n - 1] != '/')
		n--;
	return str_dup((struct str){ path, (size_t)n - 1 });
}

/* config.status stands where a program was built, and nowhere else. */
static char *built_provider_dir(void)
{
	char *dir = program_dir(), *mark, *path = NULL;
	struct stat st;

	if (!dir)
		return NULL;
	mark = joined(dir, "config.status");
	if (!stat(mark, &st))
		path = joined(dir, "conf/providers");
	mem_free(mark);
	mem_free(dir);
	return path;
}

char *services_provider_dir(void)
{
	const char *given = directory("BEARERD_PROVIDER_DIR");
	char *built;

	if (given)
		return mem_strdup(given);
	built = built_provider_dir();
	return built ? built : mem_strdup(BEARERD_PROVIDERDIR);
}

/* The first of those that systemd made, which it separates by colons; NULL
 * where it made none. */
static char *made_dir(const char *variable)
{
	const char *dirs = directory(variable);
	struct str all = str_z(dirs);

	return dirs ? str_dup(str_sub(all, 0, str_find(all, ':'))) : NULL;
}

char *services_state_dir(void)
{
	char *made = made_dir("STATE_DIRECTORY");

	if (made)
		return made;
	if (geteuid() == 0)
		return mem_strdup("/var/lib/bearerd");
	return xdg("XDG_STATE_HOME", ".local/state", "bearerd");
}

static char *runtime_dir(void)
{
	char *made = made_dir("RUNTIME_DIRECTORY");
	const char *dir = directory("XDG_RUNTIME_DIR");

	if (made)
		return made;
	if (geteuid() == 0)
		return mem_strdup("/run/bearerd");
	return dir ? joined(dir, "bearerd") : services_state_dir();
}

char *services_control_path(const struct proxy_settings *p)
{
	char *dir, *path;

	if (p->control)
		return mem_strdup(p->control);
	dir = runtime_dir();
	path = joined(dir, "control.sock");
	mem_free(dir);
	return path;
}

struct secret *services_store_spec(const struct services *s)
{
	struct buf b = BUF_INIT(2 * PATH_MAX);
	struct secret *spec;
	char *state;

	if (s->proxy->store)
		return secret_ref(s->proxy->store);
	state = services_state_dir();
	buf_addf(&b, "sqlite:%s/bearerd.db", state);
	spec = secret_take(&b);
	buf_fini(&b);
	mem_free(state);
	return spec;
}

static char *default_key_file(void)
{
	const char *credentials = directory("CREDENTIALS_DIRECTORY");
	struct stat st;
	char *state, *path;

	if (credentials) {
		path = joined(credentials, "store.key");
		if (!stat(path, &st))
			return path;
		mem_free(path);
	}
	state = services_state_dir();
	path = joined(state, "store.key");
	mem_free(state);
	return path;
}

char **services_key_files(const struct services *s, size_t *n)
{
	const struct config_list *given = &s->proxy->store_key_file;
	char **files = mem_array(given->n + 1, sizeof(*files));

	for (*n = 0; *n < given->n; *n += 1)
		files[*n] = mem_strdup(given->v[*n]);
	if (*n == 0)
		files[(*n)++] = default_key_file();
	return files;
}
