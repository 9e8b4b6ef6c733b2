/* SPDX-License-Identifier: MIT */
/* What the files of the preview share: for them only. */
#pragma once

#include "base/buf.h"
#include "service/service.h"

/* A service that is shown, and what only a run would bring. */
struct preview {
	const struct service *service;
	const char *external; /* NULL: there is none */
	struct buf *out;
	struct token *token;  /* its values are masks */
};

/* What is said to the authorization server. */
void preview_server(const struct preview *p);
/* What is forwarded. */
void preview_protected(const struct preview *p);
