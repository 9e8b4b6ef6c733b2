/* SPDX-License-Identifier: MIT */
#include "session/login.h"

#include "session/post.h"

void logins_init(struct logins *l, struct broker *b)
{
	l->broker = b;
	list_init(&l->all);
}

void logins_end(struct logins *l)
{
	list_init(&l->all);
}
