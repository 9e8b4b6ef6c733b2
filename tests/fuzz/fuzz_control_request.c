/* SPDX-License-Identifier: MIT */
/* Requests on the control socket: what is one has a command or a line, and
 * every value is as it stands in the text; what is none gets words that hold
 * nothing of it. */
#include "base/limits.h"
#include "control/request.h"
#include "fuzz.h"

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "command", offsetof(struct control_request, command) },
	{ "service", offsetof(struct control_request, service) },
	{ "way", offsetof(struct control_request, way) },
	{ "line", offsetof(struct control_request, line) },
};

/* All that it says, read by another way. */
static void compare(const struct control_request *r, struct str text)
{
	struct json *j = json_parse(text, NULL);
	size_t known = 0;

	ASSERT(json_is(j, JSON_OBJECT));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct str *value = (const void *)((const char *)r +
							 members[i].offset);
		const struct json *m = json_get(j, members[i].name);

		ASSERT(str_eq(*value, json_text(m)));
		ASSERT(!m || json_is(m, JSON_STRING));
		known += m != NULL;
	}
	ASSERT(known == json_count(j));
	ASSERT(r->has_line == (json_get(j, "line") != NULL));
	ASSERT(r->has_line ? known == 1 : r->command.n > 0);
	json_free(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct control_request r;
	struct fault f = { "" };

	if (size > LIMIT_CONTROL_LINE)
		return 0;
	if (control_request_parse(text, &r, &f) == 0)
		compare(&r, text);
	else
		ASSERT(f.text[0] != '\0');
	control_request_fini(&r);
	ASSERT(r.json == NULL && r.command.n == 0);
	return 0;
}
