/* SPDX-License-Identifier: MIT */
/* Looks for secrets in the words of a server's refusal, before anybody reads
 * them: a server may repeat what it was asked with. */
#include "authserver/redact.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/form.h"

static bool ends_with_start_of(struct str text, struct str secret)
{
	size_t n = secret.n < text.n ? secret.n : text.n;

	for (; n >= LIMIT_REDACT_CUT; n--) {
		if (str_ends(text, str_sub(secret, 0, n)))
			return true;
	}
	return false;
}

static bool holds(struct str text, struct str secret, bool cut)
{
	return str_find_str(text, secret) < text.n ||
	       (cut && ends_with_start_of(text, secret));
}

/* The same of the text decoded; space is what "+" stands for. */
static bool holds_encoded(struct str text, struct str secret, bool cut,
			  char space)
{
	struct buf encoded = BUF_INIT_SECRET(text.n + 1);
	struct buf decoded = BUF_INIT_SECRET(text.n + 1);
	struct buf cleaned = BUF_INIT_SECRET(text.n + 1);
	bool found;

	for (size_t i = 0; i < text.n; i++)
		buf_add_char(&encoded, text.p[i] == '+' ? space : text.p[i]);
	percent_decode(&decoded, buf_str(&encoded));
	buf_add_printable(&cleaned, buf_str(&decoded));
	found = holds(buf_str(&cleaned), secret, cut);
	buf_fini(&encoded);
	buf_fini(&decoded);
	buf_fini(&cleaned);
	return found;
}

bool redact_holds(const char *words, size_t room, const struct secret *secret)
{
	struct str text = str_z(words);
	struct buf cleaned = BUF_INIT_SECRET(LIMIT_REDACT);
	bool cut = text.n >= room;
	bool found = false;

	buf_add_printable(&cleaned,
			  str_sub(secret_expose(secret), 0, LIMIT_REDACT));
	if (buf_str(&cleaned).n > 0) {
		struct str s = buf_str(&cleaned);

		found = holds(text, s, cut) ||
			holds_encoded(text, s, cut, '+') ||
			holds_encoded(text, s, cut, ' ');
	}
	buf_fini(&cleaned);
	return found;
}
