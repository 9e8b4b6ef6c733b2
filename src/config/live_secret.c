/* SPDX-License-Identifier: MIT */
/* Between a key KEY_file or KEY_command and the request that needs what is in
 * that file now, or was printed last. */
#include "config/live_secret.h"

#include "base/limits.h"
#include "base/text_file.h"
#include "config/command.h"
#include "config/section.h"
#include "config/strict.h"

int config_secret_file_read(const char *path, struct buf *out, struct fault *f)
{
	if (text_file_read(path, out, NULL, f) < 0)
		return -1;
	if (out->n && out->p[out->n - 1] == '\n')
		buf_cut(out, out->n - 1);
	return out->n ? 0 : fault_set(f, "is empty");
}

bool config_live_given(const struct config_live_secret *s)
{
	return s->value || s->command;
}

struct secret *config_live_read(const struct config_live_secret *s,
				struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_SECRET_FILE);
	struct config_live_secret now = { NULL, NULL, NULL, NULL, NULL };
	struct secret *printed;

	if (s->command) {
		printed = config_command_get(s->command).secret;
		if (!printed)
			fault_set(f, "its command has not printed it yet");
		return printed;
	}
	if (!s->path)
		return secret_ref(s->value);
	if (config_strict_hold(s->strict, s->path, f) < 0) {
		buf_fini(&b);
		return NULL;
	}
	if (config_secret_file_read(s->path, &b, f) == 0 &&
	    s->key->type->read(s->key, buf_str(&b), &now, f) < 0)
		fault_prefix(f, "what it holds");
	if (!now.value)
		fault_prefix(f, "%s", s->path);
	buf_fini(&b);
	return now.value;
}

struct config_command *
config_live_command_next(const struct config_section *s, size_t *at)
{
	while (*at < s->kind->nrefs) {
		const struct config_ref *ref = &s->kind->refs[(*at)++];
		const struct config_live_secret *live;

		if (!ref->key->type->live)
			continue;
		live = config_section_value(s, ref);
		if (live->command)
			return live->command;
	}
	return NULL;
}
