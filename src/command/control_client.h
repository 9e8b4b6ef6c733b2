/* SPDX-License-Identifier: MIT */
/* The commands' side of the control socket (control/request.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fault.h"
#include "command/command.h"
#include "data/json.h"

/* ms without a sign of life of the daemon, which gives one more often. */
struct control_client {
	int fd;
	struct buf in; /* secret */
};

/* An option of a command that takes no value. */
struct control_option {
	const char *name; /* "--json" */
	bool *given;
};

/* Takes the options and the service's name (NULL where there is none) out of
 * a command's words, in any order. -1 where there is anything else, which has
 * been said then. */
ATTR_MUST_CHECK int control_words(const char *command,
				  const struct command_line *line,
				  const struct control_option *options,
				  size_t n, const char **name);
/* The same for a command without options that needs a name. */
ATTR_MUST_CHECK int control_name(const char *command,
				 const struct command_line *line,
				 const char **name);

/* Connects to the daemon of the configuration and sends a request; service
 * and way may be NULL. -1 where that cannot be, which has been said then. Else
 * to be closed. */
ATTR_MUST_CHECK int control_open(struct control_client *c,
				 const struct command_line *line,
				 const char *command, const char *service,
				 const char *way);
/* Sends a line that was typed in. */
ATTR_MUST_CHECK int control_type(struct control_client *c, struct str line,
				 struct fault *f);
void control_close(struct control_client *c);

/* The next event of what has been read, to be freed by json_free, NULL where
 * there is none; signs of life are not told. -1 where what came is none. */
ATTR_MUST_CHECK int control_take(struct control_client *c, struct json **event,
				 struct fault *f);
/* Waits for more to take; -1 where nothing comes, or nothing will. */
ATTR_MUST_CHECK int control_read(struct control_client *c, struct fault *f);
bool control_is(const struct json *event, const char *name);
/* The whole conversation: tells on_event each event but the last, and what
 * failed to standard error; on_event returns -1 where it cannot go on, and has
 * said why. The exit status. */
ATTR_MUST_CHECK int control_talk(const struct command_line *line,
				 const char *command, const char *service,
				 int (*on_event)(void *arg,
						 const struct json *event),
				 void *arg);
/* What the end event says: COMMAND_DONE, or COMMAND_FAILED, which is said. */
int control_end(const struct json *event);
