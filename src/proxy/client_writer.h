/* SPDX-License-Identifier: MIT */
/* What is written on a client's connection past libmicrohttpd: interim
 * responses (RFC 9110 §15.2), and answers that it cannot give, above all in
 * the middle of a request, whose body it goes on reading. Such an answer is
 * the connection's last. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/fault.h"
#include "base/loop.h"
#include "http/fields.h"

/* As send(2) on a socket that does not block: the count, or -1 with errno. */
typedef ssize_t client_write_fn(void *arg, const char *p, size_t n);

/* What body returns instead of a count. */
enum {
	CLIENT_WRITER_LATER = 0, /* none now: client_writer_resume follows */
	CLIENT_WRITER_END = -1,  /* the body is whole */
	CLIENT_WRITER_CUT = -2,  /* it breaks off */
};

/* Called from the loop, or within client_writer_answer and
 * client_writer_resume; done from the loop alone. */
struct client_writer_events {
	/* Wants up to n octets of the answer's body. */
	ssize_t (*body)(void *arg, char *p, size_t n);
	/* Behind the last chunk; NULL or empty: none. Borrowed. */
	const struct fields *(*trailers)(void *arg);
	/* The answer is over. Where it is whole the kernel has all of it, and
	 * nothing more can be written. May free the writer. */
	void (*done)(void *arg, bool whole);
};

enum client_framing {
	CLIENT_NO_BODY,   /* HEAD, 204, 304 */
	CLIENT_SIZED,
	CLIENT_CHUNKED,
	CLIENT_TO_CLOSE,  /* until the connection ends */
};

/* An answer's head and how its body is framed. The fields hold none of the
 * framing's, and no Connection. */
struct client_answer {
	int status;
	const struct fields *fields;
	enum client_framing framing;
	bool has_length;  /* of CLIENT_NO_BODY: it is said all the same */
	uint64_t length;
};

/* fd is the connection's, which libmicrohttpd may close at any time: the
 * writer has a copy of its own. NULL with a fault. */
ATTR_MUST_CHECK struct client_writer *
client_writer_new(struct loop *loop, int fd,
		  const struct client_writer_events *events, void *arg,
		  struct fault *f);
/* Another way to write than send(2) on the copy. */
void client_writer_set_way(struct client_writer *w, client_write_fn *way,
			   void *arg);
/* Stops writing, whatever is left. Nulls. */
void client_writer_free(struct client_writer **it);

/* Before an answer: an interim response, whose fields may be NULL. It is left
 * out where the connection takes nothing at the moment. */
void client_writer_interim(struct client_writer *w, int status,
			   const struct fields *fields);
/* Whether octets wait until the client takes some. Where they are an interim
 * response's, the answer has to be the writer's. */
bool client_writer_is_dirty(const struct client_writer *w);
/* The answer, once, with "Connection: close". */
void client_writer_answer(struct client_writer *w,
			  const struct client_answer *a);
/* After body returned CLIENT_WRITER_LATER. */
void client_writer_resume(struct client_writer *w);
/* The answer ends here, so that the client sees that it is not whole. */
void client_writer_cut(struct client_writer *w);
/* Gives the copy of the descriptor away, which must be closed. */
int client_writer_take_fd(struct client_writer *w);
