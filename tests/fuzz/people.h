/* SPDX-License-Identifier: MIT */
/* A broker of services that people log in to, for the fuzz targets of logins:
 * never started, and its loop turned by hand, so that nothing is sent. */
#pragma once

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/broker_int.h"
#include "broker/login_int.h"
#include "fuzz.h"
#include "store/store.h"

#define PEOPLE_EXTERNAL "http://127.0.0.1:8119"
#define PEOPLE_CLIENT(name)                                       \
	"[service " name "]\nupstream = https://" name ".test\n" \
	"token_endpoint = https://as.test/token\n"                \
	"authorization_endpoint = https://as.test/authorize\n"    \
	"client_id = me\n"

static inline struct services *people_load(void)
{
	static const char ini[] =
		PEOPLE_CLIENT("web")
		PEOPLE_CLIENT("frag") "grant_type = implicit\n"
		PEOPLE_CLIENT("any")
		"redirect_uri = " PEOPLE_EXTERNAL "/-/callback\n"
		"[service machine]\nupstream = https://m.test\n"
		"access_token = t\n";
	char path[] = "/tmp/bearerd-fuzz-XXXXXX";
	struct config_report *r = config_report_new();
	int fd = mkstemp(path);
	struct services *s;

	ASSERT(fd >= 0 && write(fd, ini, sizeof(ini) - 1) > 0);
	close(fd);
	s = services_load(path, r);
	unlink(path);
	for (size_t i = 0; i < config_report_count(r); i++)
		(void)fprintf(stderr, "%s\n", config_report_text(r, i));
	ASSERT(s);
	config_report_free(&r);
	return s;
}

/* The same for all inputs. */
static inline struct broker *people_broker(void)
{
	static struct broker *b;
	struct secret *key;
	struct store *store;
	struct fault f;

	if (b)
		return b;
	log_set_level(LOG_LEVEL_ERROR);
	key = secret_new(STR("0123456789abcdef0123456789abcdef"));
	store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	ASSERT(store);
	b = broker_new(people_load(), store, &f);
	ASSERT(b);
	broker_set_external(b, PEOPLE_EXTERNAL);
	return b;
}

/* Whether it is printable ASCII throughout, and so safe in a header. */
static inline bool people_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	}
	return true;
}
