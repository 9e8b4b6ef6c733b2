/* SPDX-License-Identifier: MIT */
/* Between a key KEY_file and the request that needs what is in that file
 * now. */
#include "config/live_secret.h"

#include "base/limits.h"
#include "base/text_file.h"
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
	return s->value != NULL;
}

struct secret *config_live_read(const struct config_live_secret *s,
				struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_SECRET_FILE);
	struct config_live_secret now = { NULL, NULL, NULL };

	if (!s->path)
		return secret_ref(s->value);
	if (config_strict_hold(s->strict, s->path, f) < 0) {
		buf_fini(&b);
		return NULL;
	}
	if (config_secret_file_read(s->path, &b, f) == 0 &&
	    config_live_secret.read(NULL, buf_str(&b), &now, f) < 0)
		fault_prefix(f, "what it holds");
	if (!now.value)
		fault_prefix(f, "%s", s->path);
	buf_fini(&b);
	return now.value;
}
