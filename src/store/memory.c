/* SPDX-License-Identifier: MIT */
/* The store that keeps nothing beyond the process: "memory:". Values are
 * sealed here too, so that no plain token lies in it. */
#include "store/store.h"

#include "base/alloc.h"
#include "base/list.h"

/* What is kept, or is to be once committed. */
struct memory_row {
	struct list node;
	struct str id, sealed; /* sealed.p NULL: to be removed */
};

struct memory_store {
	struct list rows, pending;
};

static struct str memory_copy(struct str s)
{
	return (struct str){ str_dup(s), s.n };
}

static void memory_row_free(struct memory_row *row)
{
	/* The octets are ours, the slices only see them as constant. */
	union { const char *seen; char *own; } id = { row->id.p },
					       sealed = { row->sealed.p };

	list_remove(&row->node);
	mem_free(id.own);
	mem_free(sealed.own);
	mem_free(row);
}

static void memory_clear(struct list *rows)
{
	list_each_safe(it, rows)
		memory_row_free(list_entry(it, struct memory_row, node));
}

static struct memory_row *memory_find(struct list *rows, struct str id)
{
	list_each(it, rows) {
		struct memory_row *row =
			list_entry(it, struct memory_row, node);

		if (str_eq(row->id, id))
			return row;
	}
	return NULL;
}

static int memory_open(struct str where ATTR_UNUSED, void **self,
		       struct fault *f ATTR_UNUSED)
{
	struct memory_store *m = mem_new(struct memory_store);

	list_init(&m->rows);
	list_init(&m->pending);
	*self = m;
	return 0;
}

static void memory_close(void *self)
{
	struct memory_store *m = self;

	memory_clear(&m->pending);
	memory_clear(&m->rows);
	mem_free(m);
}

static int memory_read(void *self, struct str id, struct buf *out,
		       struct fault *f ATTR_UNUSED)
{
	struct memory_store *m = self;
	struct memory_row *row = memory_find(&m->pending, id);

	if (!row)
		row = memory_find(&m->rows, id);
	if (!row || !row->sealed.p)
		return 0;
	buf_add_str(out, row->sealed);
	return 1;
}

static int memory_begin(void *self ATTR_UNUSED, struct fault *f ATTR_UNUSED)
{
	return 0;
}

/* The newest word on an identity is the only one. */
static void memory_pend(struct memory_store *m, struct str id,
			struct str sealed)
{
	struct memory_row *old = memory_find(&m->pending, id);
	struct memory_row *row = mem_new(struct memory_row);

	if (old)
		memory_row_free(old);
	row->id = memory_copy(id);
	row->sealed = sealed;
	list_push(&m->pending, &row->node);
}

static int memory_write(void *self, struct str id, struct str sealed,
			struct fault *f ATTR_UNUSED)
{
	memory_pend(self, id, memory_copy(sealed));
	return 0;
}

static int memory_remove(void *self, struct str id,
			 struct fault *f ATTR_UNUSED)
{
	memory_pend(self, id, (struct str){ NULL, 0 });
	return 0;
}

static int memory_commit(void *self, struct fault *f ATTR_UNUSED)
{
	struct memory_store *m = self;

	list_each_safe(it, &m->pending) {
		struct memory_row *row =
			list_entry(it, struct memory_row, node);
		struct memory_row *old = memory_find(&m->rows, row->id);

		if (old)
			memory_row_free(old);
		list_remove(&row->node);
		if (row->sealed.p)
			list_push(&m->rows, &row->node);
		else
			memory_row_free(row);
	}
	return 0;
}

static void memory_rollback(void *self)
{
	struct memory_store *m = self;

	memory_clear(&m->pending);
}

const struct store_kind store_memory = {
	.name = "memory",
	.has_place = false,
	.open = memory_open,
	.close = memory_close,
	.read = memory_read,
	.begin = memory_begin,
	.write = memory_write,
	.remove = memory_remove,
	.commit = memory_commit,
	.rollback = memory_rollback,
};
