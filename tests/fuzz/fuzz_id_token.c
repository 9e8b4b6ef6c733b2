/* SPDX-License-Identifier: MIT */
/* An id_token against fixed keys and a fixed login: of all texts only one can
 * be taken. */
#include "oauth/login/id_token.h"

#include <stdio.h>
#include <unistd.h>

#include "config/config.h"
#include "fuzz.h"
#include "oauth/settings.h"

static const char KEYS[] =
	"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"x\":"
	"\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"EC\","
	"\"crv\":\"P-256\",\"kid\":\"b\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV7"
	"6e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI"
	"5a0\"}]}";

static const char GOOD[] =
	"eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2FzL"
	"nRlc3QiLCJzdWIiOiJhbGljZSIsImF1ZCI6WyJjMSJdLCJhenAiOiJjMSIsI"
	"mV4cCI6MTgwMDAwMzYwMCwiaWF0IjoxODAwMDAwMDAwLCJub25jZSI6Im4tM"
	"SIsImF1dGhfdGltZSI6MTc5OTk5OTk5MCwiaGQiOiJ4LnRlc3QifQ._KYUlX"
	"t2F55q9eKEO0xgqb8anOzTv8me-DT81zg8WNKhS0VnD4mIeHUjurfUd7Ws7i"
	"xJ82bggz5UmqqBHLZ9Dw";

static const char SECTION[] =
	"[service api]\nclient_id = c1\nrequire_claim.hd = x.test\n"
	"client_secret = 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\n";

/* As from a file; kept for all runs. */
static const struct config_section *section(void)
{
	static const struct config_table *const tables[] = {
		&oauth_settings_table, &id_token_table, NULL
	};
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *report = config_report_new();
	static struct config *config;
	int fd = mkstemp(path);

	ASSERT(fd >= 0 && dprintf(fd, "%s", SECTION) > 0);
	close(fd);
	config = config_read(path, tables, NULL, report);
	unlink(path);
	ASSERT(config && config_report_count(report) == 0);
	config_report_free(&report);
	return config_nth(config, "service", 0);
}

static void check(const struct id_token_rules *rules, struct str token)
{
	struct id_token_subject who;
	struct fault f = { "" };

	if (id_token_verify(rules, token, &who, &f) == ID_TOKEN_GOOD) {
		ASSERT(str_eq_z(token, GOOD));
		ASSERT(str_eq_z(str_z(who.sub), "alice"));
	} else {
		ASSERT(!str_eq_z(token, GOOD));
		ASSERT(!who.iss && !who.sub && f.text[0] != '\0');
	}
	id_token_subject_fini(&who);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const algs[] = { "none", "HS256", "EdDSA", "ES256" };
	static const struct config_section *read;
	static struct jwk_set *keys;
	static struct secret *nonce;
	struct id_token_rules rules;

	if (!read) {
		read = section();
		keys = jwk_set_parse(str_z(KEYS), NULL);
		nonce = secret_new(STR("n-1"));
	}
	rules = (struct id_token_rules){
		.section = read,
		.issuer = "https://as.test",
		.algs = algs,
		.nalgs = 4,
		.keys = keys,
		.now = 1800000000,
		.nonce = nonce,
		.max_age = 60,
	};
	check(&rules, fuzz_text(data, size));
	return 0;
}
