/* SPDX-License-Identifier: MIT */
/* bearerd login: a token with a person's consent. Shows where to go, opens a
 * browser there, passes on what is typed in, or a token response that is there
 * already, and waits for the end. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/browser.h"
#include "command/command.h"
#include "command/control_client.h"
#include "command/control_show.h"
#include "command/handover.h"
#include "command/terminal.h"
#include "data/utf8.h"

enum {
	LOGIN_READ = 4096,
};

struct login_dialog {
	struct control_client client;
	bool paste, device, import, no_browser;
	bool asked;       /* for a line */
	bool closed;      /* nothing is typed in any more */
	pid_t handover;	  /* 0: no browser was started */
	struct buf typed; /* secret */
};

/* --- what the daemon says --- */

static int show_address(const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf out = BUF_INIT(LIMIT_CONTROL_EVENT);
	int64_t seconds;
	bool device = json_is(json_get(event, "user_code"), JSON_STRING);

	if (device)
		buf_add_z(&out, "Open this address, on any device:\n\n    ");
	else
		buf_add_z(&out, "Open this address in a browser:\n\n    ");
	control_show(&out, event, "address");
	if (device) {
		buf_add_z(&out, "\n\nand type in this code:\n\n    ");
		control_show(&out, event, "user_code");
	}
	if (json_is(json_get(event, "address_complete"), JSON_STRING)) {
		buf_add_z(&out, "\n\nor open this, which holds the code:\n\n"
				"    ");
		control_show(&out, event, "address_complete");
	}
	buf_add_z(&out, "\n\n");
	if (json_int(json_get(event, "expires_in"), &seconds)) {
		buf_add_z(&out, "It is good for ");
		control_show_time(&out, seconds);
		buf_add_z(&out, ".\n");
	}
	return control_print(buf_str(&out));
}

static int ask_line(struct login_dialog *l)
{
	l->asked = true;
	terminal_open();
	return control_print(STR("Type in the address to which the browser was "
				 "led, or the code:\n"));
}

/* It is good for whoever opens it first: only the browser is told it. */
static void open_browser(struct login_dialog *l, const struct buf *given)
{
	const char *address = buf_z(given);
	ATTR_CLEANUP(buf_fini) struct buf url = BUF_INIT(64);
	struct fault f;

	if (!str_eq_z(buf_str(given), address) || !browser_may_open(address)) {
		fprintf(stderr, "bearerd: the address is not opened, for it is "
				"not an http or https URL; look at it before "
				"you open it yourself\n");
		return;
	}
	handover_end(l->handover);
	l->handover = handover_start(address, &url, &f);
	if (l->handover < 0)
		fprintf(stderr, "bearerd: %s; open the address yourself\n",
			f.text);
	else if (!browser_open(buf_z(&url)))
		fprintf(stderr, "bearerd: no browser could be started; open "
				"the address yourself\n");
}

static int on_address(struct login_dialog *l, const struct json *event)
{
	ATTR_CLEANUP(buf_fini)
	struct buf address = BUF_INIT(LIMIT_CONTROL_EVENT);
	const char *member;
	bool complete =
		json_is(json_get(event, "address_complete"), JSON_STRING);

	if (show_address(event) < 0)
		return -1;
	if (l->paste)
		return ask_line(l);
	if (l->no_browser || !browser_is_there())
		return 0;
	member = complete ? "address_complete" : "address";
	buf_add_str(&address, json_text(json_get(event, member)));
	open_browser(l, &address);
	return 0;
}

static void on_again(struct login_dialog *l, const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf error = BUF_INIT(LIMIT_CONTROL_EVENT);

	control_show(&error, event, "error");
	fprintf(stderr, "bearerd: %s\n", buf_z(&error));
	l->asked = true;
	terminal_open();
}

/* It goes on: a browser may be led to the callback by anybody. */
static void on_refusal(const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_CONTROL_EVENT);

	control_show(&text, event, "text");
	fprintf(stderr, "bearerd: %s; this login still waits for an answer\n",
		buf_z(&text));
}

static int on_done(const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf text = BUF_INIT(LIMIT_CONTROL_EVENT);

	control_show(&text, event, "text");
	buf_add_char(&text, '\n');
	return control_print(buf_str(&text));
}

/* The exit status, or -1 where it goes on. */
static int on_event(struct login_dialog *l, const struct json *event)
{
	int rc = 0;

	if (control_is(event, "end"))
		return control_end(event);
	if (control_is(event, "address"))
		rc = on_address(l, event);
	else if (control_is(event, "again"))
		on_again(l, event);
	else if (control_is(event, "refusal"))
		on_refusal(event);
	else if (control_is(event, "done"))
		rc = on_done(event);
	return rc < 0 ? COMMAND_FAILED : -1;
}

/* --- what the person types --- */

static struct str clean_line(struct str line)
{
	if (str_ends(line, STR("\r")))
		line = str_sub(line, 0, line.n - 1);
	return str_trim(line);
}

/* Hands one line over, where there is one and one is asked for. */
static int hand_over(struct login_dialog *l, struct fault *f)
{
	while (l->asked) {
		struct str all = buf_str(&l->typed);
		size_t n = str_find(all, '\n');
		struct str line = clean_line(str_sub(all, 0, n));
		int rc = 0;

		if (n == all.n && !l->closed)
			break;
		if (n == all.n && line.n == 0)
			return fault_set(f, "nothing more was typed in; begin "
					    "again");
		if (line.n > 0) {
			l->asked = false;
			terminal_close();
			rc = control_type(&l->client, line, f);
		}
		buf_drop(&l->typed, n + 1);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int read_typed(struct login_dialog *l, struct fault *f)
{
	char octets[LOGIN_READ];
	ssize_t n = read(STDIN_FILENO, octets, sizeof(octets));

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return fault_errno(f, errno, "cannot read standard input");
	if (n == 0)
		l->closed = true;
	if (n > 0 && !terminal_take((struct str){ octets, (size_t)n },
				    &l->typed))
		l->closed = true;
	if (!buf_ok(&l->typed))
		return fault_set(f, "what was typed in is too long");
	return 0;
}

/* Waits for the daemon, and for the person where a line is asked for. */
static int wait_for_both(struct login_dialog *l, struct fault *f)
{
	struct pollfd p[2] = {
		{ .fd = l->client.fd, .events = POLLIN },
		{ .fd = l->asked && !l->closed ? STDIN_FILENO : -1,
		  .events = POLLIN },
	};
	int n = poll(p, 2, LIMIT_CONTROL_CLIENT_PATIENCE);

	if (n < 0)
		return errno == EINTR ? 0 :
		       fault_errno(f, errno, "cannot wait");
	if (p[1].revents && read_typed(l, f) < 0)
		return -1;
	return n == 0 || p[0].revents ? control_read(&l->client, f) : 0;
}

/* --- what was got before --- */

/* All of standard input. */
static int read_response(struct login_dialog *l, struct fault *f)
{
	char octets[LOGIN_READ];
	ssize_t n;

	do {
		n = read(STDIN_FILENO, octets, sizeof(octets));
		if (n < 0 && errno != EINTR)
			return fault_errno(f, errno,
					   "cannot read standard input");
		if (n > 0)
			buf_add(&l->typed, octets, (size_t)n);
	} while (n != 0 && buf_ok(&l->typed));
	mem_wipe(octets, sizeof(octets));
	if (!buf_ok(&l->typed))
		return fault_set(f, "standard input is longer than %d octets, "
				 "and no token response",
				 LIMIT_LOGIN_TYPED);
	if (str_trim(buf_str(&l->typed)).n == 0)
		return fault_set(f, "standard input is empty: --import reads a "
				 "token response from it, as JSON");
	if (!utf8_is_valid(buf_str(&l->typed)))
		return fault_set(f, "standard input is not UTF-8, as JSON must "
				 "be; convert it, or save it as UTF-8");
	return 0;
}

/* Typed in, it would be shown, and end in the middle where it is long. */
static int take_response(struct login_dialog *l, const char *name)
{
	struct fault f;

	if (isatty(STDIN_FILENO)) {
		fprintf(stderr, "bearerd: --import reads a token response from "
				"standard input, which is a terminal; give it "
				"one: bearerd login %s --import < FILE\n",
			name);
		return COMMAND_WRONG_USE;
	}
	if (read_response(l, &f) == 0)
		return COMMAND_DONE;
	fprintf(stderr, "bearerd: %s\n", f.text);
	return COMMAND_FAILED;
}

/* Where it cannot be sent, the daemon has said why, or has gone: either is
 * heard. */
static void send_response(struct login_dialog *l)
{
	struct fault f;

	(void)!control_type(&l->client, buf_str(&l->typed), &f);
	buf_cut(&l->typed, 0);
}

/* --- the command --- */

/* The exit status, or -1 where it goes on. */
static int step(struct login_dialog *l)
{
	struct json *event;
	struct fault f;
	int status = -1;

	if (control_take(&l->client, &event, &f) < 0 ||
	    (!event && (hand_over(l, &f) < 0 || wait_for_both(l, &f) < 0))) {
		fprintf(stderr, "bearerd: %s\n", f.text);
		return COMMAND_FAILED;
	}
	if (event)
		status = on_event(l, event);
	json_free(&event);
	return status;
}

static int run(struct login_dialog *l, const struct command_line *line,
	       const char *name)
{
	const char *way = l->device ? "device" : l->paste ? "paste" :
			  l->import ? "import" : NULL;
	int status = -1;

	if (control_open(&l->client, line, "login", name, way) < 0)
		return COMMAND_FAILED;
	if (l->import)
		send_response(l);
	while (status < 0)
		status = step(l);
	handover_end(l->handover);
	control_close(&l->client);
	return status;
}

static int login_main(const struct command_line *line)
{
	struct login_dialog l = { .typed = BUF_INIT_SECRET(LIMIT_LOGIN_TYPED) };
	const struct control_option options[] = {
		{ "--device", &l.device },
		{ "--paste", &l.paste },
		{ "--import", &l.import },
		{ "--no-browser", &l.no_browser },
	};
	const char *name;
	int status = COMMAND_DONE;

	if (control_words("login", line, options, 4, &name) < 0)
		return COMMAND_WRONG_USE;
	if (!name || l.device + l.paste + l.import > 1) {
		fprintf(stderr, "bearerd: login needs %s; see bearerd login "
				"--help\n",
			name ? "one of --device, --paste and --import" :
			       "the name of a service");
		return COMMAND_WRONG_USE;
	}
	if (l.import)
		status = take_response(&l, name);
	if (status == COMMAND_DONE)
		status = run(&l, line, name);
	terminal_close();
	buf_fini(&l.typed);
	return status;
}

/* --- in the daemon, on its control socket --- */

/* The events: "address" is to be opened; by "device" there "user_code" is to
 * be typed in, or "address_complete" has it (null where there is none); it is
 * good for "expires_in" seconds. "again": the line was no good, "error" says
 * why, and another may be sent. By "import" one line is the token response, and
 * there is no event before the last ones. "refusal": "text" is what a server
 * said without saying which login it is for. "done": "text" says what
 * happened. */

static const struct {
	const char *name;
	enum login_way way;
} ways[] = {
	{ "browser", LOGIN_BROWSER },
	{ "paste", LOGIN_PASTE },
	{ "device", LOGIN_DEVICE },
	{ "import", LOGIN_IMPORT },
};

/* The one that is named; where none is, the one that the grant has. */
static int find_way(struct str name, const struct grant *grant,
		    enum login_way *out, struct fault *f)
{
	*out = grant->response_type ? LOGIN_BROWSER : LOGIN_DEVICE;
	if (name.n == 0)
		return 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (str_eq_z(name, ways[i].name)) {
			*out = ways[i].way;
			return 0;
		}
	}
	return fault_set(f, "the way of a login is browser, paste, device or "
			    "import");
}

/* Where the person is to go. */
static void tell_address(struct control_peer *p, const struct login_news *news)
{
	struct json_out *o = control_event(p, "address");

	json_out_text(o, "address", news->address);
	json_out_text(o, "user_code", news->user_code);
	json_out_text(o, "address_complete", news->address_complete);
	json_out_key(o, "expires_in");
	json_out_int(o, (news->expires - clock_ms()) / 1000);
	control_event_send(p);
}

static void on_news(void *arg, const struct login_news *news)
{
	struct control_peer *p = arg;

	if (news->refusal) {
		json_out_text(control_event(p, "refusal"), "text",
			      news->refusal);
		control_event_send(p);
		return;
	}
	if (!news->ended) {
		tell_address(p, news);
		return;
	}
	p->login = NULL;
	if (news->good) {
		json_out_text(control_event(p, "done"), "text",
			      news->text.text);
		control_event_send(p);
	}
	control_peer_end(p, news->good ? NULL : &news->text);
}

static void login_daemon_line(struct control_peer *p, struct str line)
{
	struct fault f;

	if (!p->login || login_paste(p->login, line, &f) == 0)
		return;
	json_out_text(control_event(p, "again"), "error", f.text);
	control_event_send(p);
}

static void login_daemon_import(struct control_peer *p, struct str line)
{
	if (p->login)
		login_import(p->login, line);
}

static int login_daemon_begin(struct control_peer *p,
			      const struct control_request *r, struct fault *f)
{
	const struct grant *grant = p->entry->session.service->grant;
	enum login_way way;
	char from[32];

	if (find_way(r->way, grant, &way, f) < 0)
		return -1;
	p->login = login_begin(p->entry, way, on_news, p, f);
	if (p->login) {
		snprintf(from, sizeof(from), "uid %lu", (unsigned long)p->uid);
		login_set_from(p->login, from);
	}
	if (way == LOGIN_PASTE)
		p->on_line = login_daemon_line;
	if (way == LOGIN_IMPORT)
		p->on_line = login_daemon_import;
	return p->login ? 0 : -1;
}

static void login_daemon_leave(struct control_peer *p)
{
	if (p->login)
		login_leave(p->login);
	p->login = NULL;
}

static const struct control_command login_daemon = {
	.name = "login",
	.begin = login_daemon_begin,
	.leave = login_daemon_leave,
};

const struct command command_login = {
	.name = "login",
	.usage = " NAME [--device | --paste | --import] [--no-browser] "
		 "[-c FILE]",
	.summary = "logs a person in to a service",
	.run = login_main,
	.daemon = { &login_daemon },
};
