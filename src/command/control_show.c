/* SPDX-License-Identifier: MIT */
/* Shows on a terminal what the daemon says: nothing that a server has put into
 * it may steer that. */
#include "command/control_show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/utf8.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

void control_show_text(struct buf *out, struct str text)
{
	size_t at = 0;

	while (at < text.n) {
		size_t n = utf8_length(text, at);

		if (n == 0 || utf8_is_control(text, at))
			buf_add_char(out, '?');
		else
			buf_add_str(out, str_sub(text, at, n));
		at += n ? n : 1;
	}
}

void control_show(struct buf *out, const struct json *event, const char *member)
{
	control_show_text(out, json_text(json_get(event, member)));
}

void control_show_time(struct buf *out, int64_t seconds)
{
	long long s = seconds > 0 ? seconds : 0;

	if (s < MINUTE)
		buf_addf(out, "%llds", s);
	else if (s < HOUR)
		buf_addf(out, "%lldm", s / MINUTE);
	else if (s < DAY)
		buf_addf(out, "%lldh %lldm", s / HOUR, s % HOUR / MINUTE);
	else
		buf_addf(out, "%lldd %lldh", s / DAY, s % DAY / HOUR);
}

/* Without a copy in stdio's buffer. */
int control_print(struct str text)
{
	fflush(stdout);
	while (text.n > 0) {
		ssize_t n = write(STDOUT_FILENO, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "bearerd: cannot write: %s\n",
				strerror(errno));
			return -1;
		}
		text = str_from(text, (size_t)n);
	}
	return 0;
}
