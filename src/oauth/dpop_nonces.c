/* SPDX-License-Identifier: MIT */
/* Keeps the nonces that servers want to see in the next proof. */
#include "oauth/dpop_nonces.h"

#include "base/alloc.h"
#include "base/limits.h"

struct known {
	struct list node;
	char *session, *origin, *nonce;
};

static struct known *known_of(struct list *node)
{
	return list_entry(node, struct known, node);
}

static void known_free(struct dpop_nonces *n, struct known *k)
{
	list_remove(&k->node);
	n->n--;
	mem_free(k->session);
	mem_free(k->origin);
	mem_free(k->nonce);
	mem_free(k);
}

void dpop_nonces_init(struct dpop_nonces *n)
{
	list_init(&n->all);
	n->n = 0;
}

void dpop_nonces_fini(struct dpop_nonces *n)
{
	if (!n->all.next)
		return;
	list_each_safe(it, &n->all)
		known_free(n, known_of(it));
}

static struct known *find(const struct dpop_nonces *n, struct str session,
			  struct str origin)
{
	list_each(it, &n->all) {
		struct known *k = known_of(it);

		if (str_eq_z(origin, k->origin) &&
		    str_eq_z(session, k->session))
			return k;
	}
	return NULL;
}

struct str dpop_nonces_get(const struct dpop_nonces *n, struct str session,
			   struct str origin)
{
	const struct known *k = find(n, session, origin);

	return str_z(k ? k->nonce : NULL);
}

/* Room for one more. */
static struct known *make(struct dpop_nonces *n, struct str session,
			  struct str origin)
{
	struct known *k = mem_new(struct known);

	if (n->n == LIMIT_DPOP_NONCES)
		known_free(n, known_of(n->all.next));
	k->session = str_dup(session);
	k->origin = str_dup(origin);
	list_push(&n->all, &k->node);
	n->n++;
	return k;
}

void dpop_nonces_put(struct dpop_nonces *n, struct str session,
		     struct str origin, struct str nonce)
{
	struct known *k = find(n, session, origin);

	if (nonce.n == 0 || (k && str_eq_z(nonce, k->nonce)))
		return;
	if (!k) {
		k = make(n, session, origin);
	} else {
		list_remove(&k->node);
		list_push(&n->all, &k->node);
	}
	mem_free(k->nonce);
	k->nonce = str_dup(nonce);
}
