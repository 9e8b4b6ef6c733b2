/* SPDX-License-Identifier: MIT */
/* Health documents (draft-inadarei-api-health-check). */
#pragma once

#include "page/page_request.h"

/* The whole: store and every session. */
void health_all(const struct page_context *c, const struct page_request *q,
		struct page_reply *out);
/* The service that the path names; 404 where there is none of that name. */
void health_service(const struct page_context *c, const struct page_request *q,
		    struct page_reply *out);
void health_live(const struct page_context *c, const struct page_request *q,
		 struct page_reply *out);
void health_ready(const struct page_context *c, const struct page_request *q,
		  struct page_reply *out);
