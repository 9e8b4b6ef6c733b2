/* SPDX-License-Identifier: MIT */
/* Challenges: each is a slice of what is left, and takes something off it. */
#include "http/challenge.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_text(data, size), scheme, params;
	struct buf out = BUF_INIT(256);

	for (struct str before = rest; challenge_next(&rest, &scheme, &params);
	     before = rest) {
		ASSERT(str_is_token(scheme));
		ASSERT(rest.n + scheme.n + params.n <= before.n);
		fuzz_inside(scheme, before);
		fuzz_inside(params, before);
		fuzz_inside(rest, before);
		if (challenge_param(params, STR("error"), &out))
			ASSERT(out.n <= params.n);
		else
			ASSERT(out.n == 0);
	}
	buf_fini(&out);
	return 0;
}
