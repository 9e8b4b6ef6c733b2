/* SPDX-License-Identifier: MIT */
/* The control socket, from the octets that come in to the commands' answers.
 * Input: what a client says; an octet 1 is a pause in which the daemon works
 * and answers, 2 one of five seconds, "$S" the state of the login that it has
 * been told of. The client closes at the end. Whatever comes, each answer is an
 * event on a line of its own, nothing follows an end, no secret is told but by
 * "token", and nothing of the client is left. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "broker/broker_int.h"
#include "command/command.h"
#include "control/control.h"
#include "fuzz.h"
#include "store/keeper.h"
#include "store/store.h"

enum {
	TURNS = 8, /* enough for what is answered at once */
	SAID_MAX = 16 << 20,
	SIZE_MOST = 256 * 1024,
};

#define CLIENT(name)                                                \
	"[service " name "]\nupstream = https://" name ".test\n"    \
	"token_endpoint = http://127.0.0.1:1/token\nclient_id = me\n" \
	"client_secret = a-s3cret-of-the-client\n"

static const char ini[] =
	CLIENT("web") "authorization_endpoint = https://as.test/authorize\n"
	CLIENT("device")
	"device_authorization_endpoint = http://127.0.0.1:1/device\n"
	"grant_type = device_code\n"
	CLIENT("machine")
	"[service fixed]\nupstream = https://fixed.test\n"
	"access_token = a-s3cret-of-its-own\n"
	"introspection_endpoint = http://127.0.0.1:1/introspect\n"
	"[service same]\nupstream = https://same.test\nsession = fixed\n"
	"[service open]\nupstream = https://open.test\n";

/* A client and the daemon that it speaks to. */
struct talk {
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	struct list peers;
	int fd;
	bool gone; /* the daemon has closed */
	bool ended;
	size_t read; /* of what was said */
	struct buf said;
	char state[64];
	int64_t now;
};

static struct services *services(void)
{
	static struct services *s;
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *r;
	int fd;

	if (s)
		return s;
	log_set_level(LOG_LEVEL_ERROR);
	fd = mkstemp(path);
	ASSERT(fd >= 0 && write(fd, ini, sizeof(ini) - 1) > 0);
	close(fd);
	r = config_report_new();
	s = services_load(path, r);
	unlink(path);
	for (size_t i = 0; i < config_report_count(r); i++)
		(void)fprintf(stderr, "%s\n", config_report_text(r, i));
	ASSERT(s);
	config_report_free(&r);
	return s;
}

static void begin(struct talk *t)
{
	struct secret *key =
		secret_new(STR("0123456789abcdef0123456789abcdef"));
	struct fault f;
	int pair[2];

	*t = (struct talk){ .now = 1000000 };
	clock_fake(t->now, t->now + 1700000000000);
	buf_init(&t->said, SAID_MAX);
	list_init(&t->peers);
	t->store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	ASSERT(t->store);
	t->broker = broker_new(services(), t->store, &f);
	ASSERT(t->broker);
	broker_set_external(t->broker, "http://127.0.0.1:8119");
	t->keeper = keeper_start(t->store, &f);
	ASSERT(t->keeper);
	t->broker->context.store = NULL;
	t->broker->context.keeper = t->keeper;
	ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  0, pair) == 0);
	t->fd = pair[0];
	ASSERT(control_peer_new(&t->peers, t->broker, command_daemon, pair[1],
				0, &f) == 0);
}

/* Nothing that the client began outlives it but a logout. */
static void end(struct talk *t)
{
	close(t->fd);
	for (int i = 0; i < TURNS; i++)
		loop_turn(t->broker->context.loop, 0);
	ASSERT(list_empty(&t->peers));
	logins_end(&t->broker->logins);
	keeper_stop(&t->keeper);
	broker_free(&t->broker);
	store_close(&t->store);
	buf_fini(&t->said);
	clock_real();
}

/* --- what is said --- */

static bool is_event(const struct json *j, const char *name)
{
	return str_eq_z(json_text(json_get(j, "event")), name);
}

static void note_state(struct talk *t, const struct json *event)
{
	struct str address = json_text(json_get(event, "address"));
	size_t at = str_find_str(address, STR("state="));

	if (at < address.n)
		(void)snprintf(t->state, sizeof(t->state), "%.*s", 43,
			       address.p + at + strlen("state="));
}

static void check_line(struct talk *t, struct str line)
{
	static const char *const names[] = { "waits", "end", "token", "renewed",
					     "done", "address", "again",
					     "session", NULL };
	struct json *j = json_parse(line, NULL);
	const char *const *name = names;

	ASSERT(!t->ended && json_is(j, JSON_OBJECT));
	while (*name && !is_event(j, *name))
		name++;
	ASSERT(*name);
	if (!is_event(j, "token"))
		ASSERT(str_find_str(line, STR("s3cret")) == line.n);
	note_state(t, j);
	t->ended = is_event(j, "end");
	json_free(&j);
}

static void hear(struct talk *t)
{
	char octets[4096];
	ssize_t n;

	while ((n = recv(t->fd, octets, sizeof(octets), 0)) > 0)
		buf_add(&t->said, octets, (size_t)n);
	t->gone |= n == 0 || errno != EAGAIN;
	ASSERT(buf_ok(&t->said));
	for (;;) {
		struct str rest = str_from(buf_str(&t->said), t->read);
		size_t end_of_line = str_find(rest, '\n');

		if (end_of_line == rest.n)
			break;
		check_line(t, str_sub(rest, 0, end_of_line));
		t->read += end_of_line + 1;
	}
	/* Where it hangs up, the last word was whole, and an end. */
	if (t->gone)
		ASSERT(t->ended && t->read == t->said.n);
}

static void turn(struct talk *t)
{
	for (int i = 0; i < TURNS; i++)
		loop_turn(t->broker->context.loop, 0);
	hear(t);
}

static void pass(struct talk *t)
{
	t->now += 5000;
	clock_fake(t->now, t->now + 1700000000000);
	turn(t);
}

/* --- what the client says --- */

static void say(struct talk *t, struct str s)
{
	while (s.n > 0 && !t->gone) {
		ssize_t n = send(t->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		s = str_from(s, n > 0 ? (size_t)n : 0);
		turn(t);
	}
}

/* Up to a pause. */
static void say_part(struct talk *t, struct str part)
{
	struct buf out = BUF_INIT(SAID_MAX);

	for (size_t i = 0; i < part.n; i++) {
		if (str_eq(str_sub(part, i, 2), STR("$S"))) {
			buf_add_z(&out, t->state);
			i++;
		} else {
			buf_add_char(&out, part.p[i]);
		}
	}
	if (buf_ok(&out))
		say(t, buf_str(&out));
	buf_fini(&out);
}

static bool is_pause(char octet)
{
	return octet == 1 || octet == 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size);
	struct talk t;

	/* What it says itself may come back. */
	if (size > SIZE_MOST || str_find_str(rest, STR("cret")) < rest.n ||
	    str_find_str(rest, STR("s3c")) < rest.n)
		return 0;
	begin(&t);
	while (rest.n > 0) {
		size_t n = 0;

		while (n < rest.n && !is_pause(rest.p[n]))
			n++;
		say_part(&t, str_sub(rest, 0, n));
		if (n < rest.n && rest.p[n] == 2)
			pass(&t);
		rest = str_from(rest, n + 1);
	}
	turn(&t);
	end(&t);
	return 0;
}
