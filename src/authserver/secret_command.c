/* SPDX-License-Identifier: MIT */
/* Runs the program that prints a secret before the request that needs it: in
 * turn, once for all that wait, and with the reason where it printed none. */
#include "authserver/secret_command.h"

#include "authserver/as_client.h"
#include "authserver/redact.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/program.h"
#include "config/command.h"
#include "config/live_secret.h"
#include "oauth/token/reply.h"

/* A program that runs, or waits for its turn. */
struct secret_run {
	struct list node; /* in the context's list, in their order */
	struct as_context *context;
	const struct service *service; /* for whom it is run */
	struct config_command *command;
	struct program *program; /* NULL: it waits */
	int64_t ran, ran_wall;
	struct list waits;
};

static void run_next(struct as_context *c);

static struct config_command *next_due(const struct service *s)
{
	struct config_command *command;
	size_t at = 0;

	while ((command = config_live_command_next(s->section, &at)))
		if (config_command_due(command, clock_ms()))
			return command;
	return NULL;
}

/* --- its end --- */

/* Words of the program's, one line, none of them what it printed. */
static void log_words(const struct secret_run *r, const struct program_end *e,
		      const struct fault *why)
{
	char words[256];
	struct secret *printed = NULL;
	struct str line = str_sub(e->out, 0, str_find(e->out, '\n'));

	reply_words(words, sizeof(words), str_trim(e->err));
	if (line.n > 0)
		printed = secret_new(line);
	if (redact_holds(words, sizeof(words) - 1, printed))
		reply_words(words, sizeof(words), STR("not shown: it repeats "
						      "what was printed"));
	secret_unref(&printed);
	log_warning(EV("secret_command_failed"),
		    KV("service", r->service->name),
		    KV("key", config_command_key(r->command)),
		    KV("reason", why), KV("stderr", words));
}

/* All that wait go on, with the fault where there is one. */
static void run_finish(struct secret_run *r, const struct fault *why)
{
	struct as_context *c = r->context;
	struct list *node;

	list_remove(&r->node);
	while ((node = list_shift(&r->waits))) {
		struct secret_wait *w =
			list_entry(node, struct secret_wait, node);

		w->run = NULL;
		if (why || secret_commands_ready(c, w->service, w, w->done,
						 w->arg))
			w->done(w->arg, why);
	}
	mem_free(r);
	run_next(c);
}

static void on_program(void *arg, const struct program_end *e)
{
	struct secret_run *r = arg;
	const char *trouble;
	struct fault f;

	r->program = NULL;
	trouble = program_trouble(e, &f);
	if (!trouble && config_command_take(r->command, e->out, r->ran,
					    r->ran_wall, &f) == 0) {
		log_debug(EV("secret_command"), KV("service", r->service->name),
			  KV("key", config_command_key(r->command)));
		run_finish(r, NULL);
		return;
	}
	fault_prefix(&f, "%s_command: %s", config_command_key(r->command),
		     config_command_argv(r->command)[0]);
	log_words(r, e, &f);
	run_finish(r, &f);
}

/* --- how it begins --- */

static int run_start(struct secret_run *r, struct fault *f)
{
	char **env = environment_for_programs();
	int rc = config_command_hold(r->command, f);

	r->ran = clock_ms();
	r->ran_wall = clock_wall_ms();
	if (rc == 0)
		r->program = program_start(
			r->context->loop,
			&(struct program_spec){
				.argv = config_command_argv(r->command),
				.env = env,
				.timeout = r->service->tokens->token_timeout,
				.max_output = LIMIT_SECRET_FILE,
			},
			on_program, r, f);
	mem_free(env);
	if (r->program)
		return 0;
	return fault_prefix(f, "%s_command", config_command_key(r->command));
}

static size_t running(const struct as_context *c)
{
	size_t n = 0;

	list_each(it, &c->secret_runs)
		n += list_entry(it, struct secret_run, node)->program != NULL;
	return n;
}

/* Those whose turn it is. One that cannot be started takes nobody's place; who
 * waits for it is told from the loop. */
static void run_next(struct as_context *c)
{
	struct fault f;

	if (c->over)
		return;
	list_each(it, &c->secret_runs) {
		struct secret_run *r = list_entry(it, struct secret_run, node);

		if (running(c) >= LIMIT_SECRET_COMMANDS)
			return;
		if (r->program)
			continue;
		if (run_start(r, &f) == 0)
			continue;
		log_warning(EV("secret_command_failed"),
			    KV("service", r->service->name),
			    KV("key", config_command_key(r->command)),
			    KV("reason", &f));
		run_finish(r, &f);
		return;
	}
}

static void on_turn(void *arg)
{
	run_next(arg);
}

static struct secret_run *run_of(struct as_context *c, const struct service *s,
				 struct config_command *command)
{
	struct secret_run *r;

	list_each(it, &c->secret_runs) {
		r = list_entry(it, struct secret_run, node);
		if (r->command == command)
			return r;
	}
	r = mem_new(struct secret_run);
	r->context = c;
	r->service = s;
	r->command = command;
	list_init(&r->waits);
	list_push(&c->secret_runs, &r->node);
	if (!c->secret_turn.queued)
		loop_task_init(&c->secret_turn, on_turn, c);
	loop_task_add(c->loop, &c->secret_turn);
	return r;
}

bool secret_commands_ready(struct as_context *c, const struct service *s,
			   struct secret_wait *w, secret_done_fn *done,
			   void *arg)
{
	struct config_command *command = next_due(s);

	if (!command)
		return true;
	w->context = c;
	w->service = s;
	w->done = done;
	w->arg = arg;
	w->run = run_of(c, s, command);
	list_push(&w->run->waits, &w->node);
	return false;
}

void secret_command_refresh(const struct service *s)
{
	struct config_command *command;
	size_t at = 0;

	while ((command = config_live_command_next(s->section, &at)))
		config_command_refused(command, clock_ms());
}

void secret_wait_cancel(struct secret_wait *w)
{
	if (!w->run)
		return;
	list_remove(&w->node);
	w->run = NULL;
}

void secret_commands_end_all(struct as_context *c)
{
	struct list *node;

	loop_task_cancel(&c->secret_turn);
	while ((node = list_shift(&c->secret_runs))) {
		struct secret_run *r =
			list_entry(node, struct secret_run, node);

		program_cancel(&r->program);
		while ((node = list_shift(&r->waits)))
			list_entry(node, struct secret_wait, node)->run = NULL;
		mem_free(r);
	}
}
