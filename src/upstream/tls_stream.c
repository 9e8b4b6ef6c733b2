/* SPDX-License-Identifier: MIT */
/* Reads and writes TLS on a connection's socket, where the origin is https.
 * GnuTLS reads each record's header and payload apart; what one recv(2) brings
 * is kept here for it, so that a small response costs one. */
#include "upstream/tls_stream.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "upstream/tls.h"
#include "upstream/transfer.h"
#include "upstream/transport.h"

enum {
	/* A record of the largest size with its header and tag. */
	TLS_STREAM_BUFFER = 16384 + 512,
};

struct tls_session {
	struct list node;
	char *url; /* of the origin */
	gnutls_datum_t data;
};

struct tls_stream {
	const struct origin *origin; /* until the handshake is done */
	struct tls_sessions *sessions;
	char *url;
	bool remembered;
	int fd;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	bool open;
	bool shut; /* the close_notify was sent */
	char *in; /* octets of the socket; NULL while there are none */
	size_t at, n;
};

/* --- sessions --- */

void tls_sessions_init(struct tls_sessions *s)
{
	list_init(&s->all);
	s->n = 0;
}

static void forget(struct tls_sessions *all, struct tls_session *s)
{
	list_remove(&s->node);
	all->n--;
	mem_wipe(s->data.data, s->data.size);
	gnutls_free(s->data.data);
	mem_free(s->url);
	mem_free(s);
}

void tls_sessions_fini(struct tls_sessions *s)
{
	list_each_safe(it, &s->all)
		forget(s, list_entry(it, struct tls_session, node));
}

static struct tls_session *find(const struct tls_sessions *all,
				const char *url)
{
	list_each(it, &all->all) {
		struct tls_session *s =
			list_entry(it, struct tls_session, node);

		if (strcmp(s->url, url) == 0)
			return s;
	}
	return NULL;
}

/* One that was offered is not offered again: RFC 8446 §C.4, and the server
 * gives a new one with each handshake. */
static void offer(struct tls_stream *s)
{
	struct tls_session *known = find(s->sessions, s->url);

	if (!known)
		return;
	(void)gnutls_session_set_data(s->session, known->data.data,
				      known->data.size);
	forget(s->sessions, known);
}

static bool is_resumable(gnutls_session_t session)
{
	return gnutls_protocol_get_version(session) < GNUTLS_TLS1_3 ||
	       gnutls_session_get_flags(session) & GNUTLS_SFLAGS_SESSION_TICKET;
}

void tls_stream_remember(struct tls_stream *s)
{
	struct tls_sessions *all = s->sessions;
	struct tls_session *old, *new;

	if (s->remembered || !s->open || !is_resumable(s->session))
		return;
	s->remembered = true;
	new = mem_new(struct tls_session);
	if (gnutls_session_get_data2(s->session, &new->data) < 0) {
		mem_free(new);
		return;
	}
	old = find(all, s->url);
	if (!old && all->n >= LIMIT_TLS_SESSIONS)
		old = list_entry(all->all.prev, struct tls_session, node);
	if (old)
		forget(all, old);
	new->url = mem_strdup(s->url);
	list_push_front(&all->all, &new->node);
	all->n++;
}

/* --- the socket --- */

static void refill(struct tls_stream *s)
{
	ssize_t n;

	if (!s->in)
		s->in = mem_resize(NULL, TLS_STREAM_BUFFER);
	do {
		n = recv(s->fd, s->in, TLS_STREAM_BUFFER, 0);
	} while (n < 0 && errno == EINTR);
	s->at = 0;
	s->n = n > 0 ? (size_t)n : 0;
	if (n < 0)
		gnutls_transport_set_errno(s->session, errno);
	else if (n == 0)
		gnutls_transport_set_errno(s->session, 0);
}

static ssize_t on_pull(gnutls_transport_ptr_t arg, void *p, size_t n)
{
	struct tls_stream *s = arg;

	if (s->at == s->n) {
		errno = 0;
		refill(s);
		if (s->n == 0)
			return errno ? -1 : 0;
	}
	if (n > s->n - s->at)
		n = s->n - s->at;
	memcpy(p, s->in + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

static ssize_t on_push(gnutls_transport_ptr_t arg, const void *p, size_t n)
{
	struct tls_stream *s = arg;
	ssize_t sent;

	do {
		sent = send(s->fd, p, n, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		gnutls_transport_set_errno(s->session, errno);
	return sent;
}

/* The buffer is there only while something lies in it. */
static void let_go(struct tls_stream *s)
{
	if (!s->in || s->at < s->n)
		return;
	mem_free(s->in);
	s->in = NULL;
	s->at = s->n = 0;
}

/* --- begin and end --- */

static int load_certificate(struct tls_stream *s, struct fault *f)
{
	const struct transport *t = s->origin->transport;
	int e = gnutls_certificate_allocate_credentials(&s->credentials);

	if (e == 0 && t->certificate)
		e = gnutls_certificate_set_x509_key_file(
			s->credentials, t->certificate, t->private_key,
			GNUTLS_X509_FMT_PEM);
	if (e < 0)
		return fault_set(f, "%s cannot be shown: %s",
				 t->certificate ? t->certificate :
						  "no certificate",
				 gnutls_strerror(e));
	return 0;
}

static bool is_address(const struct origin *o)
{
	return o->is_ipv6 || o->host[strspn(o->host, "0123456789.")] == '\0';
}

/* RFC 6066 §3: no address is a server's name. */
static int set_up(struct tls_stream *s)
{
	static const char versions[] =
		"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	const struct origin *o = s->origin;
	gnutls_datum_t http = { NULL, 8 };
	char name[] = "http/1.1";
	int e;

	http.data = (unsigned char *)name;
	e = gnutls_init(&s->session,
			GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (e < 0)
		return e;
	e = gnutls_priority_set_direct(s->session, versions, NULL);
	if (e >= 0)
		e = gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE,
					   s->credentials);
	if (e >= 0 && !is_address(o))
		e = gnutls_server_name_set(s->session, GNUTLS_NAME_DNS,
					   o->host, strlen(o->host));
	if (e >= 0)
		e = gnutls_alpn_set_protocols(s->session, &http, 1, 0);
	offer(s);
	gnutls_transport_set_ptr(s->session, s);
	gnutls_transport_set_push_function(s->session, on_push);
	gnutls_transport_set_pull_function(s->session, on_pull);
	return e;
}

struct tls_stream *tls_stream_new(const struct origin *origin, int fd,
				  struct tls_sessions *sessions,
				  struct fault *f)
{
	struct tls_stream *s = mem_new(struct tls_stream);
	int e;

	s->origin = origin;
	s->sessions = sessions;
	s->url = mem_strdup(origin->url);
	s->fd = fd;
	if (load_certificate(s, f) == 0) {
		e = set_up(s);
		if (e >= 0)
			return s;
		fault_set(f, "%s", gnutls_strerror(e));
	}
	tls_stream_free(&s);
	return NULL;
}

void tls_stream_free(struct tls_stream **stream)
{
	struct tls_stream *s = *stream;

	*stream = NULL;
	if (!s)
		return;
	if (s->open && !s->shut)
		(void)gnutls_bye(s->session, GNUTLS_SHUT_WR);
	if (s->session)
		gnutls_deinit(s->session);
	if (s->credentials)
		gnutls_certificate_free_credentials(s->credentials);
	mem_free(s->in);
	mem_free(s->url);
	mem_free(s);
}

/* --- the handshake --- */

static enum tls_stream_state broken(struct tls_stream *s, int e,
				    struct fault *f)
{
	if (e == GNUTLS_E_FATAL_ALERT_RECEIVED)
		fault_set(f, "the TLS handshake failed (the peer says: %s)",
			  gnutls_alert_get_name(gnutls_alert_get(s->session)));
	else
		fault_set(f, "the TLS handshake failed (%s)",
			  gnutls_strerror(e));
	return TLS_STREAM_BROKEN;
}

enum tls_stream_state tls_stream_handshake(struct tls_stream *s,
					   struct fault *f)
{
	const struct origin *o = s->origin;
	int e;

	do {
		e = gnutls_handshake(s->session);
	} while (e == GNUTLS_E_INTERRUPTED ||
		 e == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if (e == GNUTLS_E_AGAIN)
		return gnutls_record_get_direction(s->session)
			       ? TLS_STREAM_WAITS_WRITE
			       : TLS_STREAM_WAITS_READ;
	if (e < 0)
		return broken(s, e, f);
	if (trust_verify(o->transport->trust, s->session, o->transport->profile,
			 o->host, f) < 0)
		return TLS_STREAM_REFUSED;
	s->open = true;
	s->origin = NULL;
	return TLS_STREAM_OPEN;
}

/* --- octets --- */

/* What passes within a connection and is nobody's octets: a ticket or a key
 * update gives GNUTLS_E_AGAIN though more may lie in the buffer; a warning. */
static bool goes_on(const struct tls_stream *s, ssize_t e)
{
	return e == GNUTLS_E_INTERRUPTED ||
	       e == GNUTLS_E_WARNING_ALERT_RECEIVED ||
	       (e == GNUTLS_E_AGAIN && s->at < s->n);
}

ssize_t tls_stream_read(struct tls_stream *s, char *p, size_t n)
{
	ssize_t got;

	do {
		got = gnutls_record_recv(s->session, p, n);
	} while (goes_on(s, got));
	let_go(s);
	if (got >= 0)
		return got;
	return got == GNUTLS_E_AGAIN ? TLS_STREAM_AGAIN : TLS_STREAM_FAILED;
}

ssize_t tls_stream_write(struct tls_stream *s, const char *p, size_t n)
{
	ssize_t sent;

	do {
		sent = gnutls_record_send(s->session, p, n);
	} while (sent == GNUTLS_E_INTERRUPTED);
	/* What was refused before is sent first, whatever is handed over now:
	 * a larger number does not count these octets (CVE-2026-107928). */
	if (sent >= 0 && (size_t)sent <= n)
		return sent;
	return sent == GNUTLS_E_AGAIN ? TLS_STREAM_AGAIN : TLS_STREAM_FAILED;
}

int tls_stream_shut(struct tls_stream *s)
{
	int e;

	do {
		e = gnutls_bye(s->session, GNUTLS_SHUT_WR);
	} while (e == GNUTLS_E_INTERRUPTED);
	s->shut = e == 0;
	if (e < 0)
		return e == GNUTLS_E_AGAIN ? TLS_STREAM_AGAIN
					   : TLS_STREAM_FAILED;
	return 0;
}

bool tls_stream_pending(const struct tls_stream *s)
{
	return s->at < s->n || gnutls_record_check_pending(s->session) > 0;
}
