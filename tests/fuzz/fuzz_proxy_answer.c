/* SPDX-License-Identifier: MIT */
/* What upstream_proxy answers before there is a way to the upstream: to
 * CONNECT, and to the messages of SOCKS 5 (RFC 1928, RFC 1929). The first octet
 * says which proxy, the rest is carrier.h's; a piece answers a message. */
#include "carrier.h"

static const struct {
	const char *proxy; /* up to its port */
	const char *origin;
} rows[] = {
	{ "http://u:p@127.0.0.1", "https://127.0.0.1:2" },
	{ "http://127.0.0.1", "https://127.0.0.1:2" },
	{ "http://u:p@127.0.0.1", "http://127.0.0.1:2" },
	{ "socks5://127.0.0.1", "http://127.0.0.1:2" },
	{ "socks5://u:p@127.0.0.1", "http://127.0.0.1:2" },
	{ "socks5h://u:p@127.0.0.1", "http://name.test:2" },
	{ "socks5h://127.0.0.1", "https://127.0.0.1:2" },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct carrier carrier;
static struct origin origins[ROWS];

static void origin_begin(size_t row, struct trust *trust)
{
	struct transport_settings s = { .trust = trust };
	struct secret *proxy;
	struct transport *t;
	char url[96];
	const char *key;
	struct fault f;

	snprintf(url, sizeof(url), "%s:%d", rows[row].proxy,
		 carrier_port(&carrier));
	proxy = secret_new(str_z(url));
	s.proxy = proxy;
	t = transport_new(&s, &key, &f);
	ASSERT(t);
	ASSERT(origin_init(&origins[row], str_z(rows[row].origin), t, &f) == 0);
	secret_unref(&proxy);
}

static void begin(void)
{
	struct trust *trust;
	struct fault f;

	carrier_init(&carrier, true);
	trust = trust_load(NULL, &f);
	ASSERT(trust);
	for (size_t i = 0; i < ROWS; i++)
		origin_begin(i, trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (!carrier.loop)
		begin();
	carrier_run(&carrier, &origins[data[0] % ROWS],
		    fuzz_text(data + 1, size - 1));
	return 0;
}
