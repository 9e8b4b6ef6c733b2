/* SPDX-License-Identifier: MIT */
/* Notes what origins have shown of themselves (HTTP/1.0, how long they keep
 * connections): told by their answers and by the connections that end, asked
 * before a request. */
#include "upstream/known.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

struct known_origin {
	struct list node; /* in its slot */
	struct list age;  /* in known_origins->all */
	char *url;
	bool http10;
	int64_t idle, idle_noted; /* ms; idle 0: not known */
};

void known_init(struct known_origins *k)
{
	list_init(&k->all);
	for (size_t i = 0; i < KNOWN_SLOTS; i++)
		list_init(&k->slots[i]);
	k->n = 0;
}

static void known_forget(struct known_origins *k, struct known_origin *o)
{
	list_remove(&o->node);
	list_remove(&o->age);
	k->n--;
	mem_free(o->url);
	mem_free(o);
}

void known_fini(struct known_origins *k)
{
	list_each_safe(it, &k->all)
		known_forget(k, list_entry(it, struct known_origin, age));
}

uint32_t known_hash(const char *url)
{
	uint32_t hash = 2166136261u;

	for (; *url; url++)
		hash = (hash ^ (unsigned char)*url) * 16777619u;
	return hash;
}

static struct known_origin *known_find(const struct known_origins *k,
				       const char *url)
{
	if (k->n == 0)
		return NULL;
	list_each(it, &k->slots[known_hash(url) % KNOWN_SLOTS]) {
		struct known_origin *o =
			list_entry(it, struct known_origin, node);

		if (strcmp(o->url, url) == 0)
			return o;
	}
	return NULL;
}

/* It, in front of the others. */
static struct known_origin *known_note(struct known_origins *k,
				       const char *url)
{
	struct known_origin *o = known_find(k, url);

	if (!o) {
		if (k->n >= LIMIT_KNOWN_ORIGINS)
			known_forget(k, list_entry(k->all.prev,
						   struct known_origin, age));
		o = mem_new(struct known_origin);
		o->url = mem_strdup(url);
		list_init(&o->age);
		list_push(&k->slots[known_hash(url) % KNOWN_SLOTS], &o->node);
		k->n++;
	}
	list_remove(&o->age);
	list_push_front(&k->all, &o->age);
	return o;
}

void known_note_version(struct known_origins *k, const char *url, bool http10)
{
	if (http10 || known_is_http10(k, url))
		known_note(k, url)->http10 = http10;
}

bool known_is_http10(const struct known_origins *k, const char *url)
{
	const struct known_origin *o = known_find(k, url);

	return o && o->http10;
}

void known_note_idle(struct known_origins *k, const char *url, int64_t ms,
		     int64_t now)
{
	struct known_origin *o;

	if (ms < LIMIT_YOUNG)
		return;
	o = known_note(k, url);
	if (o->idle > 0 && o->idle < ms &&
	    now - o->idle_noted < LIMIT_KNOWN_IDLE)
		return;
	o->idle = ms;
	o->idle_noted = now;
}

int64_t known_idle(const struct known_origins *k, const char *url)
{
	const struct known_origin *o = known_find(k, url);

	return o ? o->idle : 0;
}
