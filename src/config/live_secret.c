/* SPDX-License-Identifier: MIT */
/* Gets a secret as it is now: reads the file of KEY_file again, or takes what
 * the program of KEY_command printed last. */
#include "config/live_secret.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/text_file.h"
#include "config/command.h"
#include "config/section.h"
#include "config/strict.h"

/* Read by the broker, looked at by all. */
struct config_live_file {
	pthread_mutex_t lock;
	struct secret *value;
};

struct config_live_file *config_live_file_new(struct secret *value)
{
	struct config_live_file *f = mem_new(struct config_live_file);

	pthread_mutex_init(&f->lock, NULL);
	f->value = secret_ref(value);
	return f;
}

void config_live_file_free(struct config_live_file **fp)
{
	struct config_live_file *f = *fp;

	*fp = NULL;
	if (!f)
		return;
	secret_unref(&f->value);
	pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

static void file_put(struct config_live_file *f, struct secret *value)
{
	struct secret *old;

	pthread_mutex_lock(&f->lock);
	old = f->value;
	f->value = secret_ref(value);
	pthread_mutex_unlock(&f->lock);
	secret_unref(&old);
}

int config_secret_file_read(const char *path, struct buf *out, struct fault *f)
{
	if (text_file_read(path, out, NULL, f) < 0)
		return -1;
	if (str_ends(buf_str(out), STR("\r\n")))
		buf_cut(out, out->n - 2);
	else if (str_ends(buf_str(out), STR("\n")))
		buf_cut(out, out->n - 1);
	return out->n ? 0 : fault_set(f, "is empty");
}

bool config_live_given(const struct config_live_secret *s)
{
	return s->value || s->command;
}

struct secret *config_live_read(const struct config_live_secret *s,
				struct fault *f)
{
	struct buf b = BUF_INIT_SECRET(LIMIT_SECRET_FILE);
	struct config_live_secret now = { 0 };
	struct secret *printed;

	if (s->command) {
		printed = config_command_get(s->command).secret;
		if (!printed)
			fault_set(f, "its command has not printed it yet");
		return printed;
	}
	if (!s->path)
		return secret_ref(s->value);
	if (config_strict_hold(s->strict, s->path, f) < 0) {
		buf_fini(&b);
		return NULL;
	}
	if (config_secret_file_read(s->path, &b, f) == 0 &&
	    s->key->type->read(s->key, buf_str(&b), &now, f) < 0)
		fault_prefix(f, "what it holds");
	if (!now.value)
		fault_prefix(f, "%s", s->path);
	else
		file_put(s->file, now.value);
	buf_fini(&b);
	return now.value;
}

struct secret *config_live_current(const struct config_live_secret *s)
{
	struct secret *value;

	if (s->command)
		return config_command_get(s->command).secret;
	if (!s->file)
		return secret_ref(s->value);
	pthread_mutex_lock(&s->file->lock);
	value = secret_ref(s->file->value);
	pthread_mutex_unlock(&s->file->lock);
	return value;
}

/* The section's next, wherever it comes from. */
static const struct config_live_secret *
next_live(const struct config_section *s, size_t *at)
{
	while (*at < s->kind->nrefs) {
		const struct config_ref *ref = &s->kind->refs[(*at)++];

		if (ref->key->type->live)
			return config_section_value(s, ref);
	}
	return NULL;
}

/* The next of the section's that comes from a file. */
static const struct config_live_secret *
next_file(const struct config_section *s, size_t *at)
{
	const struct config_live_secret *live;

	do
		live = next_live(s, at);
	while (live && !live->path);
	return live;
}

static uint64_t mix(uint64_t mark, uint64_t value)
{
	return (mark ^ value) * UINT64_C(0x100000001b3) + 1;
}

uint64_t config_live_mark(const struct config_section *s)
{
	const struct config_live_secret *live;
	uint64_t mark = 0;
	size_t at = 0;
	struct stat st;

	while ((live = next_file(s, &at))) {
		if (stat(live->path, &st) != 0)
			st = (struct stat){ 0 };
		mark = mix(mark, st.st_dev);
		mark = mix(mark, st.st_ino);
		mark = mix(mark, (uint64_t)st.st_size);
		mark = mix(mark, (uint64_t)st.st_mtim.tv_sec);
		mark = mix(mark, (uint64_t)st.st_mtim.tv_nsec);
		mark = mix(mark, (uint64_t)st.st_ctim.tv_sec);
		mark = mix(mark, (uint64_t)st.st_ctim.tv_nsec);
	}
	return mark;
}

void config_live_freshen(const struct config_section *s)
{
	const struct config_live_secret *live;
	struct secret *now;
	size_t at = 0;

	while ((live = next_file(s, &at))) {
		now = config_live_read(live, NULL);
		secret_unref(&now);
	}
}

struct config_command *
config_live_command_next(const struct config_section *s, size_t *at)
{
	const struct config_live_secret *live;

	do
		live = next_live(s, at);
	while (live && !live->command);
	return live ? live->command : NULL;
}
