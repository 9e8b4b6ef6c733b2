/* SPDX-License-Identifier: MIT */
/* Reads a line of the control socket, and checks that it is a request at
 * all. */
#include "control/request.h"

#include <stddef.h>

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "command", offsetof(struct control_request, command) },
	{ "service", offsetof(struct control_request, service) },
	{ "way", offsetof(struct control_request, way) },
	{ "line", offsetof(struct control_request, line) },
};

static int take_member(struct control_request *r, size_t i, struct fault *f)
{
	const struct json *value = json_at(r->json, i);
	struct str name = json_name(r->json, i);

	for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++) {
		struct str *to = (void *)((char *)r + members[k].offset);

		if (!str_eq_z(name, members[k].name))
			continue;
		if (!json_is(value, JSON_STRING))
			return fault_set(f, "%s must be a string",
					 members[k].name);
		*to = json_text(value);
		r->has_line = r->has_line || to == &r->line;
		return 0;
	}
	return fault_set(f, "a request has no such member");
}

int control_request_parse(struct str text, struct control_request *out,
			  struct fault *f)
{
	struct fault bad;

	*out = (struct control_request){ .json = json_parse(text, &bad) };
	if (!json_is(out->json, JSON_OBJECT))
		return fault_set(f, "a request must be a JSON object on a "
				    "line of its own");
	for (size_t i = 0; i < json_count(out->json); i++) {
		if (take_member(out, i, f) < 0)
			return -1;
	}
	if (out->has_line ? json_count(out->json) > 1 : out->command.n == 0)
		return fault_set(f, "a request has a command, or a line and "
				    "nothing else");
	return 0;
}

void control_request_fini(struct control_request *r)
{
	json_free(&r->json);
	*r = (struct control_request){ .json = NULL };
}
