/* SPDX-License-Identifier: MIT */
/* What the daemon says, on a terminal: nothing that a server has put into it
 * may steer that. */
#include "command/control_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* U+0000 to U+001F, and U+007F to U+009F, the latter's first octet; the text
 * is UTF-8. */
static bool is_control(struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	return c < 0x20 || c == 0x7f ||
	       (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0);
}

void control_show_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_control(s, i)) {
			buf_add_char(out, s.p[i]);
			continue;
		}
		buf_add_char(out, '?');
		if ((unsigned char)s.p[i] == 0xc2)
			i++;
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
