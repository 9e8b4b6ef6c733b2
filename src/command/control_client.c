/* SPDX-License-Identifier: MIT */
/* Finds the daemon, asks it, and waits: what login, logout, status, token and
 * refresh have in common. */
#include "command/control_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/local_socket.h"
#include "command/control_show.h"
#include "config/config.h"
#include "service/keys.h"
#include "service/paths.h"
#include "service/service.h"

enum {
	CLIENT_READ = 4096,
};

/* --- words --- */

static bool take_option(const struct control_option *options, size_t n,
			const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, options[i].name) == 0) {
			*options[i].given = true;
			return true;
		}
	}
	return false;
}

int control_words(const char *command, const struct command_line *line,
		  const struct control_option *options, size_t n,
		  const char **name)
{
	*name = NULL;
	for (int i = 0; i < line->argc; i++) {
		const char *word = line->argv[i];

		if (take_option(options, n, word))
			continue;
		if (word[0] == '-' || word[0] == '\0' || *name) {
			fprintf(stderr,
				"bearerd: %s does not know %s; see bearerd %s "
				"--help\n",
				command, word, command);
			return -1;
		}
		*name = word;
	}
	return 0;
}

int control_name(const char *command, const struct command_line *line,
		 const char **name)
{
	if (control_words(command, line, NULL, 0, name) < 0)
		return -1;
	if (*name)
		return 0;
	fprintf(stderr,
		"bearerd: %s needs the name of a service; see bearerd %s "
		"--help\n",
		command, command);
	return -1;
}

/* --- where the daemon is --- */

/* What is wrong with the configuration matters where it hides the daemon:
 * other than the daemon's, this process may lack the variables and files that
 * the services' keys name. */
static char *socket_path(const char *file, struct config_report *report)
{
	char *profiles = services_provider_dir();
	struct config *c =
		config_read(file, service_tables(), profiles, report);
	char *path = services_control_path(
		config_block(config_only(c, "proxy"), &proxy_settings_table));

	config_free(&c);
	mem_free(profiles);
	return path;
}

static int connect_to(const char *path, const struct command_line *line,
		      struct fault *f)
{
	struct sockaddr_un un;
	int fd, err;

	if (local_socket_address(&un, str_z(path), f) < 0)
		return fault_prefix(f, "control = %s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fault_errno(f, errno, "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	err = errno;
	close(fd);
	if (err == ENOENT || err == ECONNREFUSED || err == ENOTDIR)
		return fault_set(f,
				 "not running (%s at %s); start it with "
				 "bearerd run -c %s",
				 err == ECONNREFUSED ? "nobody listens" :
						       "no socket",
				 path, line->config);
	if (err == EACCES || err == EPERM)
		return fault_set(f,
				 "%s belongs to another user: only the one "
				 "who runs bearerd, and root, may use it",
				 path);
	return fault_errno(f, err, "cannot connect to %s", path);
}

/* Whether this user believes what that one says. Root, who may do anything,
 * believes itself and whoever owns the configuration that it was told to read:
 * a socket's path may be another's. */
static bool is_trusted(uid_t uid, const char *config)
{
	struct stat st;

	if (uid == geteuid() || uid == 0)
		return true;
	return geteuid() == 0 && stat(config, &st) == 0 && uid == st.st_uid;
}

/* Nobody else may be told what is typed in, or tell addresses to open. */
static int check_daemon(int fd, const char *path, const char *config,
			struct fault *f)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
		return fault_errno(f, errno, "cannot see who listens at %s",
				   path);
	if (is_trusted(who.uid, config))
		return 0;
	return fault_set(f,
			 "who listens at %s is another user (%lu)%s: run this "
			 "command as that one",
			 path, (unsigned long)who.uid,
			 geteuid() == 0 ? ", who does not own the "
					  "configuration"
					: "");
}

static void say(const struct fault *f)
{
	fprintf(stderr, "bearerd: %s\n", f->text);
}

static int find_daemon(const struct command_line *line)
{
	struct config_report *report = config_report_new();
	char *path = socket_path(line->config, report);
	bool readable = access(line->config, R_OK) == 0;
	struct fault f;
	int fd = -1;

	if (readable)
		fd = connect_to(path, line, &f);
	if (fd >= 0 && check_daemon(fd, path, line->config, &f) < 0) {
		close(fd);
		fd = -1;
	}
	for (size_t i = 0; fd < 0 && i < config_report_count(report); i++)
		fprintf(stderr, "%s\n", config_report_text(report, i));
	if (fd < 0 && readable)
		say(&f);
	config_report_free(&report);
	mem_free(path);
	return fd;
}

/* --- talking --- */

static int send_all(struct control_client *c, struct str text, struct fault *f)
{
	while (text.n > 0) {
		ssize_t n = send(c->fd, text.p, text.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_errno(f, errno,
					   "the daemon does not listen");
		text = str_from(text, (size_t)n);
	}
	return 0;
}

static void add_member(struct json_out *o, const char *key, struct str value)
{
	json_out_key(o, key);
	json_out_str(o, value);
}

static int send_line(struct control_client *c, struct buf *line,
		     struct fault *f)
{
	buf_add_char(line, '\n');
	if (!buf_ok(line))
		return fault_set(f, "the line is too long");
	return send_all(c, buf_str(line), f);
}

static int send_request(struct control_client *c, const char *command,
			const char *service, const char *way, struct fault *f)
{
	ATTR_CLEANUP(buf_fini) struct buf line = BUF_INIT(LIMIT_CONTROL_EVENT);
	struct json_out o;

	json_out_init(&o, &line);
	json_out_object(&o);
	add_member(&o, "command", str_z(command));
	if (service)
		add_member(&o, "service", str_z(service));
	if (way)
		add_member(&o, "way", str_z(way));
	json_out_object_end(&o);
	return send_line(c, &line, f);
}

int control_open(struct control_client *c, const struct command_line *line,
		 const char *command, const char *service, const char *way)
{
	struct fault f;

	buf_init_secret(&c->in, LIMIT_CONTROL_EVENT);
	c->fd = find_daemon(line);
	if (c->fd < 0)
		return -1;
	/* Whoever was turned away at once is told why by what comes in. */
	(void)!send_request(c, command, service, way, &f);
	return 0;
}

int control_type(struct control_client *c, struct str text, struct fault *f)
{
	ATTR_CLEANUP(buf_fini)
	struct buf line = BUF_INIT_SECRET(LIMIT_CONTROL_EVENT);
	struct json_out o;

	json_out_init(&o, &line);
	json_out_object(&o);
	add_member(&o, "line", text);
	json_out_object_end(&o);
	return send_line(c, &line, f);
}

void control_close(struct control_client *c)
{
	close(c->fd);
	buf_fini(&c->in);
}

/* --- events --- */

int control_read(struct control_client *c, struct fault *f)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char octets[CLIENT_READ];
	ssize_t n;

	n = poll(&p, 1, LIMIT_CONTROL_CLIENT_PATIENCE);
	if (n == 0)
		return fault_set(f,
				 "the daemon does not answer: it listens, but "
				 "it stands still or is of another version; "
				 "look at its log, or restart it");
	if (n > 0)
		n = recv(c->fd, octets, sizeof(octets), 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return fault_set(f, "the daemon has ended, or hung up, before "
				    "it had answered; look at its log");
	buf_add(&c->in, octets, (size_t)n);
	mem_wipe(octets, sizeof(octets));
	if (!buf_ok(&c->in))
		return fault_set(f, "the daemon's answer is too long");
	return 0;
}

int control_take(struct control_client *c, struct json **event, struct fault *f)
{
	struct str all;
	size_t n;

	for (*event = NULL;; json_free(event)) {
		all = buf_str(&c->in);
		n = str_find(all, '\n');
		if (n == all.n)
			return 0;
		*event = json_parse(str_sub(all, 0, n), f);
		buf_drop(&c->in, n + 1);
		if (!json_is(json_get(*event, "event"), JSON_STRING))
			break;
		if (!control_is(*event, "waits"))
			return 0;
	}
	json_free(event);
	return fault_set(f, "what answers is not a bearerd of this version "
			    "(" PACKAGE_VERSION "); restart it");
}

bool control_is(const struct json *event, const char *name)
{
	return str_eq_z(json_text(json_get(event, "event")), name);
}

int control_end(const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf error = BUF_INIT(LIMIT_CONTROL_EVENT);

	control_show(&error, event, "error");
	if (error.n == 0)
		return COMMAND_DONE;
	fprintf(stderr, "bearerd: %s\n", buf_z(&error));
	return COMMAND_FAILED;
}

typedef int event_fn(void *arg, const struct json *event);

/* The exit status, or -1 where more is to come. */
static int hear_event(const struct json *event, event_fn *on_event, void *arg)
{
	if (control_is(event, "end"))
		return control_end(event);
	return on_event(arg, event) < 0 ? COMMAND_FAILED : -1;
}

static int hear(struct control_client *c, event_fn *on_event, void *arg)
{
	struct json *event;
	int status = -1;
	struct fault f;

	while (status < 0) {
		if (control_take(c, &event, &f) < 0 ||
		    (!event && control_read(c, &f) < 0)) {
			say(&f);
			return COMMAND_FAILED;
		}
		if (event)
			status = hear_event(event, on_event, arg);
		json_free(&event);
	}
	return status;
}

int control_talk(const struct command_line *line, const char *command,
		 const char *service,
		 int (*on_event)(void *arg, const struct json *event),
		 void *arg)
{
	struct control_client c;
	int status;

	if (control_open(&c, line, command, service, NULL) < 0)
		return COMMAND_FAILED;
	status = hear(&c, on_event, arg);
	control_close(&c);
	return status;
}
