/* SPDX-License-Identifier: MIT */
/* bearerd status: a line per service, or JSON; with -v more. */

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "command/command.h"
#include "command/control_client.h"
#include "command/control_show.h"
#include "command/status_introspection.h"
#include "control/status.h"

/* What --json has of a session, in this order. */
static const char *const members[] = {
	"service", "client", "grant_type", "state",
	"expires_at", "login_expires_at", "scope", "subject", "last_error",
	"introspection", "introspection_error", /* with -v */
};

enum { COLUMNS = 6, VERBOSE_MEMBERS = 2 };

/* Of people's lines; mem_free. */
struct status_row {
	char *cells[COLUMNS];
	char *below; /* whole lines */
};

struct status {
	bool verbose;
	struct status_row *rows;
	size_t n;
	struct buf json;
	struct json_out out;
};

/* --- JSON --- */

static void add_json(struct status *s, const struct json *event)
{
	size_t n = sizeof(members) / sizeof(members[0]);

	json_out_object(&s->out);
	for (size_t i = 0; i < n - (s->verbose ? 0 : VERBOSE_MEMBERS); i++) {
		json_out_key(&s->out, members[i]);
		json_out_value(&s->out, json_get(event, members[i]));
	}
	json_out_object_end(&s->out);
}

/* --- lines --- */

static char *cell(const struct json *event, const char *member)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CELL);

	control_show(&b, event, member);
	if (b.n == 0)
		buf_add_char(&b, '-');
	return buf_take(&b);
}

static char *expiry_cell(const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CELL);
	int64_t seconds;

	if (json_int(json_get(event, "expires_in"), &seconds))
		control_show_time(&b, seconds);
	else
		buf_add_char(&b, '-');
	return buf_take(&b);
}

static void add_login_end(struct buf *out, const struct json *event)
{
	int64_t seconds;

	if (!json_bool(json_get(event, "login_expires_soon")) ||
	    !json_int(json_get(event, "login_expires_in"), &seconds))
		return;
	buf_add_z(out, "  the login ends in ");
	control_show_time(out, seconds);
	buf_add_z(out, ": log in again before that\n");
}

static char *lines_below(const struct status *s, const struct json *event)
{
	ATTR_CLEANUP(buf_fini) struct buf b = BUF_INIT(LIMIT_CONTROL_OUT);

	add_login_end(&b, event);
	if (s->verbose)
		status_introspection_show(&b, event);
	return buf_take(&b);
}

static void add_row(struct status *s, const struct json *event)
{
	struct status_row *r;

	s->rows = mem_resize(s->rows, (s->n + 1) * sizeof(*s->rows));
	r = &s->rows[s->n++];
	r->cells[0] = cell(event, "service");
	r->cells[1] = cell(event, "state");
	r->cells[2] = cell(event, "grant_type");
	r->cells[3] = expiry_cell(event);
	r->cells[4] = cell(event, "scope");
	r->cells[5] = cell(event, "last_error");
	r->below = lines_below(s, event);
}

/* How many characters it takes on the screen, more or less (UTF-8). */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void write_row(struct buf *out, const struct status_row *r,
		      const size_t *widths)
{
	for (int i = 0; i < COLUMNS; i++) {
		buf_add_z(out, r->cells[i]);
		if (i + 1 == COLUMNS)
			break;
		for (size_t n = width(r->cells[i]); n < widths[i] + 2; n++)
			buf_add_char(out, ' ');
	}
	buf_add_char(out, '\n');
	buf_add_z(out, r->below);
}

static void write_rows(struct buf *out, const struct status *s)
{
	size_t widths[COLUMNS] = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		for (int k = 0; k < COLUMNS; k++) {
			size_t n = width(s->rows[i].cells[k]);

			if (widths[k] < n)
				widths[k] = n;
		}
	}
	for (size_t i = 0; i < s->n; i++)
		write_row(out, &s->rows[i], widths);
}

static void free_rows(struct status *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (int k = 0; k < COLUMNS; k++)
			mem_free(s->rows[i].cells[k]);
		mem_free(s->rows[i].below);
	}
	mem_free(s->rows);
}

/* --- the command --- */

static int status_event(void *arg, const struct json *event)
{
	struct status *s = arg;

	if (!control_is(event, "session"))
		return 0;
	add_json(s, event);
	add_row(s, event);
	if (buf_ok(&s->json))
		return 0;
	fprintf(stderr, "bearerd: the daemon's answer is too long\n");
	return -1;
}

static int print_lines(const struct status *s)
{
	ATTR_CLEANUP(buf_fini) struct buf out = BUF_INIT(LIMIT_CONTROL_OUT);

	write_rows(&out, s);
	return control_print(buf_str(&out));
}

static int status_main(const struct command_line *line)
{
	bool json = false;
	struct status s = { .json = BUF_INIT(LIMIT_CONTROL_OUT) };
	const struct control_option options[] = { { "--json", &json },
						  { "-v", &s.verbose } };
	const char *name;
	int status;

	if (control_words("status", line, options, 2, &name) < 0)
		return COMMAND_WRONG_USE;
	json_out_init(&s.out, &s.json);
	json_out_array(&s.out);
	status = control_talk(line, s.verbose ? "introspect" : "status", name,
			      status_event, &s);
	json_out_array_end(&s.out);
	buf_add_char(&s.json, '\n');
	if (status == COMMAND_DONE &&
	    (json ? control_print(buf_str(&s.json)) : print_lines(&s)) < 0)
		status = COMMAND_FAILED;
	buf_fini(&s.json);
	free_rows(&s);
	return status;
}

/* --- in the daemon, on its control socket --- */

/* The event "session" has the members of --json, and "expires_in" and
 * "login_expires_in" (seconds, or null), and "login_expires_soon". */

static int status_begin(struct control_peer *p, const struct control_request *r,
			struct fault *f)
{
	int64_t now = clock_ms(), wall = clock_wall_ms();
	struct broker *b = p->broker;

	(void)r;
	(void)f;
	for (size_t i = 0; i < b->n; i++) {
		if (p->entry && p->entry != &b->entries[i])
			continue;
		status_write(control_event(p, "session"),
			     &b->entries[i].session,
			     &broker_entry(b, i)->session, now, wall);
		control_event_send(p);
	}
	control_peer_end(p, NULL);
	return 0;
}

static const struct control_command status_daemon = {
	.name = "status",
	.every = true,
	.begin = status_begin,
};

const struct command command_status = {
	.name = "status",
	.usage = " [NAME] [--json] [-v] [-c FILE]",
	.summary = "shows the state of each service's session",
	.run = status_main,
	.daemon = { &status_daemon, &status_introspection_daemon },
};
