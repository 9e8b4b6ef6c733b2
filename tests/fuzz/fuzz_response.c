/* SPDX-License-Identifier: MIT */
/* HTTP/1 responses, through each carrier: up to six requests in a row, on
 * connections that are used again. Input: carrier.h. */
#include "carrier.h"

static struct carrier carrier;
static struct origin origins[2]; /* carried by ourselves, by libcurl */

static void begin(void)
{
	struct transport_settings s = { .http = TRANSPORT_HTTP_1_1 };
	char url[64];
	const char *key;
	struct fault f;

	carrier_init(&carrier, false);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d",
		 carrier_port(&carrier));
	for (int i = 0; i < 2; i++) {
		s.carrier = i == 0 ? TRANSPORT_CARRIER_AUTO
				   : TRANSPORT_CARRIER_CURL;
		ASSERT(origin_init(&origins[i], str_z(url),
				   transport_new(&s, &key, &f), &f) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!carrier.loop)
		begin();
	for (int i = 0; i < 2; i++)
		carrier_run(&carrier, &origins[i], fuzz_text(data, size));
	return 0;
}
