/* SPDX-License-Identifier: MIT */
/* bearerd run: the order in which everything starts, and in which it ends. */

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/last_words.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loop.h"
#include "broker/broker.h"
#include "command/command.h"
#include "command/descriptors.h"
#include "command/libraries.h"
#include "command/load.h"
#include "command/memory_trim.h"
#include "control/control.h"
#include "proxy/server.h"
#include "service/paths.h"
#include "store/keeper.h"
#include "store/key.h"
#include "store/store.h"

static const int run_signals[] = { SIGTERM, SIGINT, SIGHUP };
enum { RUN_SIGNALS = sizeof(run_signals) / sizeof(run_signals[0]) };

struct daemon {
	struct services *services;
	struct store *store;
	struct keeper *keeper;
	struct broker *broker;
	struct control *control;
	struct server *server;
	struct loop *loop;
	struct memory_trim trim;
};

static struct secret *run_load_key(const struct services *services,
				   const char *path, bool make,
				   struct fault *f)
{
	const struct ownership *who = &services->ownership;
	struct fault warning;

	if (services->proxy->strict_modes)
		return store_key_load(path, make, who, f);
	if (ownership_check(who, path, OWNERSHIP_KEY, &warning) ==
	    OWNERSHIP_BAD)
		log_warning(EV("store_key_exposed"), KV("file", path),
			    KV("reason", &warning));
	return store_key_load(path, make, NULL, f);
}

static struct store *run_open_store(const struct services *services,
				    struct fault *f)
{
	size_t n = 0, loaded = 0;
	char **paths = services_key_files(services, &n);
	struct secret **keys = mem_array(n, sizeof(struct secret *));
	struct secret *spec = services_store_spec(services);
	struct store *store = NULL;

	while (loaded < n) {
		keys[loaded] = run_load_key(services, paths[loaded],
					    loaded == 0, f);
		if (!keys[loaded])
			break;
		loaded++;
	}
	if (loaded == n)
		store = store_open(secret_expose(spec), keys, n, f);
	if (store)
		store_set_key_file(store, paths[0]);
	for (size_t i = 0; i < n; i++) {
		secret_unref(&keys[i]);
		mem_free(paths[i]);
	}
	mem_free(keys);
	mem_free(paths);
	secret_unref(&spec);
	return store;
}

static void run_on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	if (signo == SIGHUP) {
		log_warning(EV("no_reload"),
			    KV("advice",
			       "restart to take a new configuration"));
		return;
	}
	log_info(EV("stopping"), KV("signal", signo));
	/* A second one ends the process at once. */
	signal(signo, SIG_DFL);
	loop_stop(d->loop);
}

static int run_start(struct daemon *d, struct fault *f)
{
	d->loop = loop_new(f);
	if (!d->loop ||
	    loop_signals_add(d->loop, run_signals, RUN_SIGNALS, run_on_signal,
			     d, f) < 0)
		return -1;
	d->store = run_open_store(d->services, f);
	if (!d->store)
		return -1;
	d->broker = broker_new(d->services, d->store, f);
	if (!d->broker)
		return -1;
	d->server = server_new(d->services, d->broker, f);
	if (!d->server)
		return -1;
	d->control = control_new(d->services, d->broker, command_daemon, f);
	if (!d->control)
		return -1;
	d->keeper = keeper_start(d->store, f);
	if (!d->keeper)
		return -1;
	if (broker_start(d->broker, d->keeper, f) < 0)
		return -1;
	memory_trim_start(&d->trim, d->loop, d->server);
	return server_start(d->server, f);
}

static void run_stop(struct daemon *d)
{
	sigset_t all;

	sigemptyset(&all);
	for (size_t i = 0; i < RUN_SIGNALS; i++)
		sigaddset(&all, run_signals[i]);
	sigdelset(&all, SIGHUP);
	pthread_sigmask(SIG_UNBLOCK, &all, NULL);
	memory_trim_stop(&d->trim);
	if (d->server)
		server_stop(d->server);
	if (d->broker && d->keeper != NULL)
		broker_stop(d->broker, LIMIT_END_TOKENS);
	keeper_stop(&d->keeper);
	server_free(&d->server);
	control_free(&d->control);
	broker_free(&d->broker);
	store_close(&d->store);
	if (d->loop)
		loop_free(&d->loop);
	services_free(&d->services);
}

static void run_tell_libraries(const struct services *services)
{
	ATTR_CLEANUP(buf_fini) struct buf libraries = BUF_INIT(1024);

	libraries_write(&libraries);
	libraries_tell_faults(services, buf_str(&libraries));
}

static int run_main(const struct command_line *line)
{
	struct daemon d = { 0 };
	struct fault f;
	int status = COMMAND_DONE;

	if (load_no_words("run", line) < 0)
		return COMMAND_WRONG_USE;
	umask(077); /* of what it makes: the store, its key, sockets */
	d.services = load_services(line);
	if (!d.services)
		return COMMAND_FAILED;
	log_set_level((enum log_level)d.services->proxy->log_level);
	loop_signals_block(run_signals, RUN_SIGNALS);
	if (log_start(&f) == 0 && descriptors_raise(d.services, &f) == 0 &&
	    run_start(&d, &f) == 0) {
		run_tell_libraries(d.services);
		log_info(EV("started"), KV("version", PACKAGE_VERSION),
			 KV("services", d.services->n),
			 KV("workers", d.services->workers));
		loop_run(d.loop);
	} else {
		status = COMMAND_FAILED;
	}
	run_stop(&d);
	log_stop();
	if (status != COMMAND_DONE)
		last_words("bearerd: %s\n", f.text);
	return status;
}

const struct command command_run = {
	.name = "run",
	.usage = " [-c FILE]",
	.summary = "serves in the foreground until SIGTERM or SIGINT",
	.run = run_main,
};
