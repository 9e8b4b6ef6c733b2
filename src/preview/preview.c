/* SPDX-License-Identifier: MIT */
/* Shows what a service would say to its authorization server and to its
 * upstream, for check -v, in place of a run. */
#include "preview/preview.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "config/mask.h"
#include "preview/int.h"
#include "preview/text.h"
#include "service/host.h"

enum { COLUMNS = 78 };

char *preview_external(const struct services *s)
{
	const struct listen_spec *l = s->listening;
	struct str url = str_z(s->proxy->external_url);

	while (str_ends(url, STR("/")))
		url.n--;
	if (url.n > 0)
		return str_dup(url);
	if (s->nlistening == 0 || !l->reachable)
		return NULL;
	struct buf b = BUF_INIT(1024);

	/* One that the system picks is not known yet. */
	if (l->port == 0)
		buf_addf(&b, "http://%.*sPORT",
			 STR_ARGS(str_sub(l->text, 0, l->text.n - 1)));
	else
		buf_addf(&b, "http://%.*s", STR_ARGS(l->text));
	return buf_take(&b);
}

/* Which keys are the profile's, for the section has not said otherwise. */
static void say_profile(const struct preview *p)
{
	const struct service *s = p->service;
	ATTR_CLEANUP(buf_fini) struct buf line = BUF_INIT(LIMIT_PREVIEW);
	const char *key = config_inherited(s->section, 0);

	if (!key)
		return;
	buf_addf(&line, "Keys of the profile %s", s->route->provider);
	preview_heading(p->out, buf_z(&line));
	buf_reset(&line);
	for (size_t i = 0; key; i++) {
		const char *next = config_inherited(s->section, i + 1);

		if (line.n > 0 && line.n + str_z(key).n + 6 > COLUMNS) {
			preview_line(p->out, "%s", buf_z(&line));
			buf_reset(&line);
		}
		buf_addf(&line, "%s%s%s", line.n > 0 ? " " : "", key,
			 next ? "," : "");
		key = next;
	}
	preview_line(p->out, "%s", buf_z(&line));
}

/* What the server would give. */
static struct token *token_of(const struct service *s)
{
	struct buf b = BUF_INIT(4096);
	struct token *t = NULL;
	struct oauth_error error;
	enum token_reply reply;

	buf_add_z(&b, "access_token=");
	mask_write(&b, STR("access_token"));
	buf_addf(&b, "&token_type=%s",
		 s->session_of->dpop ? "DPoP" : "Bearer");
	reply = token_reply_read(200,
				 STR("application/x-www-form-urlencoded"),
				 buf_str(&b), 0, &t, &error, NULL);
	ASSERT(reply == TOKEN_OK);
	buf_fini(&b);
	return t;
}

void preview_write(const struct service *s, const char *external,
		   struct buf *out)
{
	struct preview p = {
		.service = s,
		.external = external,
		.out = out,
		.token = token_of(s),
	};

	ASSERT(config_masked(s->section));
	say_profile(&p);
	preview_server(&p);
	preview_protected(&p);
	token_unref(&p.token);
}
