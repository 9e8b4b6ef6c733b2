/* SPDX-License-Identifier: MIT */
/* Forms: pairs that were read and written read again as the same; so does
 * what was encoded by any of the encodings. */
#include "data/form.h"

#include "data/base64url.h"
#include "fuzz.h"

enum { MAX = 8 << 20 };

static void read_and_write(struct str text)
{
	struct buf name = BUF_INIT(MAX), value = BUF_INIT(MAX);
	struct buf name2 = BUF_INIT(MAX), value2 = BUF_INIT(MAX);
	struct buf out = BUF_INIT(MAX);

	while (form_next(&text, &name, &value)) {
		buf_reset(&out);
		form_add(&out, buf_str(&name), buf_str(&value));

		struct str rest = buf_str(&out);

		ASSERT(form_next(&rest, &name2, &value2));
		ASSERT(str_eq(buf_str(&name), buf_str(&name2)));
		ASSERT(str_eq(buf_str(&value), buf_str(&value2)));
		ASSERT(rest.n == 0);
	}
	buf_fini(&name);
	buf_fini(&value);
	buf_fini(&name2);
	buf_fini(&value2);
	buf_fini(&out);
}

static void encode_and_decode(struct str text)
{
	struct buf out = BUF_INIT(MAX), back = BUF_INIT(MAX);

	percent_encode(&out, text);
	percent_decode(&back, buf_str(&out));
	ASSERT(str_eq(buf_str(&back), text));
	buf_reset(&out);
	buf_reset(&back);
	base64_encode(&out, text);
	ASSERT(base64_decode(&back, buf_str(&out)) == 0);
	ASSERT(str_eq(buf_str(&back), text));
	buf_fini(&out);
	buf_fini(&back);
}

/* The decoding is strict: there is one text for the octets. */
static void decode_and_encode(struct str text)
{
	struct buf octets = BUF_INIT(MAX), out = BUF_INIT(MAX);

	if (base64url_decode(&octets, text) == 0) {
		base64url_encode(&out, buf_str(&octets));
		ASSERT(str_eq(buf_str(&out), text));
	}
	buf_reset(&octets);
	buf_reset(&out);
	if (base64_decode(&octets, text) == 0) {
		base64_encode(&out, buf_str(&octets));
		ASSERT(str_eq(buf_str(&out), text));
	}
	buf_fini(&octets);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);

	read_and_write(text);
	encode_and_decode(text);
	decode_and_encode(text);
	return 0;
}
