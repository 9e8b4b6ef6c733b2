/* SPDX-License-Identifier: MIT */
/* All of the proxy in this process, for the tests of proxy/: built from a
 * configuration in a file as `bearerd run` does it, on a free port. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/secret.h"
#include "broker/broker.h"
#include "proxy/server.h"
#include "store/keeper.h"
#include "store/store.h"

struct running {
	struct services *services;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	struct server *server;
	int log;   /* what it says */
	int port;
	bool stopped;
};

static inline struct services *running_load(const char *ini)
{
	struct config_report *report = config_report_new();
	char path[] = "/tmp/bearerd-test-XXXXXX";
	int fd = mkstemp(path);
	struct services *s;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, ini, strlen(ini)), strlen(ini));
	close(fd);
	s = services_load(path, report);
	unlink(path);
	for (size_t i = 0; i < config_report_count(report); i++)
		print_error("%s\n", config_report_text(report, i));
	config_report_free(&report);
	assert_non_null(s);
	return s;
}

/* All that it has logged; valid until the next call. */
static inline const char *running_said(const struct running *r)
{
	static char text[64 * 1024];
	ssize_t n = pread(r->log, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* The port of the first address. */
static inline int running_port(const struct running *r)
{
	const char *at = strstr(running_said(r), "listening address=");

	assert_non_null(at);
	at = strchr(at + 18, ':');
	assert_non_null(at);
	return atoi(at + 1);
}

/* Starts with this configuration. */
ATTR_PRINTF(1, 2)
static inline struct running *running_start(const char *fmt, ...)
{
	struct running *r = calloc(1, sizeof(*r));
	struct secret *key = secret_new(STR("0123456789abcdef"
					    "0123456789abcdef"));
	struct fault f = { "" };
	char ini[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ini, sizeof(ini), fmt, ap);
	va_end(ap);
	r->log = memfd_create("log", MFD_CLOEXEC);
	log_set_fd(r->log);
	r->services = running_load(ini);
	r->store = store_open(STR("memory:"), &key, 1, &f);
	secret_unref(&key);
	assert_non_null(r->store);
	r->broker = broker_new(r->services, r->store, &f);
	assert_non_null(r->broker);
	r->server = server_new(r->services, r->broker, &f);
	if (r->server == NULL)
		print_error("%s\n", f.text);
	assert_non_null(r->server);
	r->keeper = keeper_start(r->store, &f);
	assert_non_null(r->keeper);
	assert_int_equal(broker_start(r->broker, r->keeper, &f), 0);
	assert_int_equal(server_start(r->server, &f), 0);
	r->port = running_port(r);
	return r;
}

static inline void running_drain(struct running *r)
{
	if (!r->stopped)
		server_stop(r->server);
	r->stopped = true;
}

static inline void running_stop(struct running *r)
{
	running_drain(r);
	broker_stop(r->broker, 100);
	keeper_stop(&r->keeper);
	server_free(&r->server);
	broker_free(&r->broker);
	store_close(&r->store);
	services_free(&r->services);
	log_set_fd(2);
	close(r->log);
	free(r);
}
