/* SPDX-License-Identifier: MIT */
/* The tables of the keys of [proxy], and of those of [service NAME] that are no
 * session's, with what the manual says of them; and all tables joined. */
#include "service/keys.h"

#include <pthread.h>

#include "base/assert.h"
#include "base/limits.h"
#include "service/service.h"

#define PROXY(member) offsetof(struct proxy_settings, member)
#define ROUTE(member) offsetof(struct route_settings, member)
#define TOKENS(member) offsetof(struct token_settings, member)

LIMIT_SAID(RENEW_IDLE, 10 * 60 * 1000);

/* clang-format off */
static const struct config_key proxy_keys[] = {
	{ "listen", &config_listen, PROXY(listen),
	  CONFIG_REPEAT | CONFIG_RESTART, "127.0.0.1:8119", NULL,
	  "Where clients connect: HOST:PORT, or [ADDRESS]:PORT for IPv6, or "
	  "unix:PATH for a Unix socket, which is made with mode 0600; PATH "
	  "may be relative to the file that names it. A name stands for all "
	  "addresses that it has on this machine, localhost for 127.0.0.1 and "
	  "::1. Port 0 picks a free one; the log says which. Beyond loopback, "
	  "allow_from must be given too." },
	{ "workers", &config_text, PROXY(workers), CONFIG_RESTART, "auto",
	  NULL,
	  "How many threads serve requests: 1 to 256, or auto for one per "
	  "CPU." },
	{ "store", &config_secret, PROXY(store),
	  CONFIG_SECRET | CONFIG_ADDRESS | CONFIG_RESTART, NULL, NULL,
	  "Where tokens outlive the process: sqlite:PATH, or memory: for "
	  "nowhere. The default is sqlite:STATE/bearerd.db; STATE is "
	  "$STATE_DIRECTORY, or /var/lib/bearerd for root, else "
	  "$XDG_STATE_HOME/bearerd or ~/.local/state/bearerd. One process a "
	  "store: a second one is refused." },
	{ "store_key_file", &config_paths, PROXY(store_key_file),
	  CONFIG_REPEAT | CONFIG_RESTART | CONFIG_KEY_FILE, NULL, NULL,
	  "A file of 32 random octets, which seal the tokens in the store. "
	  "The first one seals, all of them open, so that a new one can be "
	  "put in front of the old. The default is "
	  "$CREDENTIALS_DIRECTORY/store.key where there is one, else "
	  "STATE/store.key; the first is made with mode 0600 where it is "
	  "missing." },
	{ "control", &config_path, PROXY(control), CONFIG_RESTART, NULL, NULL,
	  "The Unix socket by which login, logout, status, token and refresh "
	  "reach the daemon, made with mode 0600: only its own user and root "
	  "may use it. The default is RUNTIME/control.sock; RUNTIME is "
	  "$RUNTIME_DIRECTORY, or /run/bearerd for root, else "
	  "$XDG_RUNTIME_DIR/bearerd, else STATE. One that was left behind is "
	  "replaced; one that is in use refuses the start." },
	{ "unmatched", &config_word, PROXY(unmatched), 0, "deny",
	  "deny forward",
	  "What happens to a request for a host that no service claims: deny "
	  "answers 403, forward sends it on as any proxy does, without a "
	  "token of any service; only http targets in absolute-form are." },
	{ "forward_to", &config_cidrs, PROXY(forward_to), CONFIG_REPEAT,
	  NULL, NULL,
	  "The addresses that unmatched = forward may reach beyond public "
	  "ones, as ranges such as 192.168.1.0/24. Without it, requests to "
	  "loopback, private and link-local addresses are refused." },
	{ "allow_from", &config_cidrs, PROXY(allow_from), CONFIG_REPEAT,
	  "127.0.0.0/8 ::1", NULL,
	  "The addresses that may connect, as ranges such as "
	  "192.168.1.0/24." },
	{ "own_names", &config_words, PROXY(own_names), CONFIG_REPEAT, NULL,
	  NULL,
	  "More names of this proxy's own address, beside localhost and its "
	  "IP addresses: requests for them go by path." },
	{ "external_url", &config_url, PROXY(external_url), 0, NULL, NULL,
	  "How people's browsers reach this proxy; the default is the first "
	  "address of listen. It must be given where that is a Unix socket or "
	  "all addresses at once (0.0.0.0) and people log in. Its host is a "
	  "name of the own address too. A path is one that a server in front "
	  "takes off; whatever else has a page on that host could act for "
	  "those who log in, so that a host of its own is better." },
	{ "max_connections", &config_count, PROXY(max_connections),
	  CONFIG_RESTART, "10000", NULL,
	  "How many clients may be connected at a time, of all workers "
	  "together; one more is answered 503 and its connection closed. "
	  "Each takes two descriptors: a start fails where the limit of open "
	  "files cannot hold them." },
	{ "max_header_size", &config_size, PROXY(max_header_size),
	  CONFIG_RESTART, "16K", NULL,
	  "The largest head of a request: its first line and all fields. "
	  "Each field beyond the twelfth counts 80 octets more, and Cookie its "
	  "length twice. "
	  "What is larger is answered 431, or 414 where the first line alone "
	  "is." },
	{ "header_timeout", &config_duration, PROXY(header_timeout),
	  CONFIG_RESTART, "30s", NULL,
	  "How long the head of a request may take to arrive, from its first "
	  "octet, or from the connection's beginning; then it is answered "
	  "408." },
	{ "keepalive_timeout", &config_duration, PROXY(keepalive_timeout),
	  CONFIG_RESTART, "75s", NULL,
	  "How long a client's connection is kept open between two "
	  "requests." },
	{ "drain_timeout", &config_duration, PROXY(drain_timeout), 0, "30s",
	  NULL,
	  "How long requests that are under way may take to finish when the "
	  "daemon stops." },
	{ "notify", &config_program, PROXY(notify), 0, NULL, NULL,
	  "A program that is run, without a shell, when something has to be "
	  "known of a session: its absolute path, and words that it is given, "
	  "parted by spaces. Notices above says of what, and how." },
	{ "notify_url", &config_url, PROXY(notify_url), 0, NULL, NULL,
	  "A URL that the same is sent to as JSON, by POST: https, or http on "
	  "loopback. Both may be given." },
	{ "log_level", &config_word, PROXY(log_level), 0, "info",
	  "error warning info debug",
	  "How much is logged on standard error." },
	{ "strict_modes", &config_bool, PROXY(strict_modes), 0, "yes",
	  NULL,
	  "Whether to refuse files that others could have written: the "
	  "configuration and what it includes, files of secrets and private "
	  "keys, store_key_file, hooks, upstream_ca, programs that are run, "
	  "and all directories and links on the way to them, as Owners and "
	  "modes above says. With no, this is only warned of." },
	{ "include", &config_list, PROXY(include),
	  CONFIG_REPEAT | CONFIG_INCLUDE, NULL, NULL,
	  "More files to read, after this one: a path or a pattern such as "
	  "conf.d/*.ini, relative to the file that names it." },
	{ "provider_dir", &config_paths, PROXY(provider_dir),
	  CONFIG_REPEAT | CONFIG_PROFILE_DIR, NULL, NULL,
	  "A directory of provider profiles, NAME.ini, which is looked into "
	  "before the installed one." },
};

static const struct config_key route_keys[] = {
	{ "provider", &config_text, ROUTE(provider), CONFIG_PROFILE, NULL,
	  NULL,
	  "The profile whose keys are the defaults of this service: the "
	  "[provider NAME] of these files, or NAME.ini of a provider_dir or "
	  "of the installed profiles." },
	{ "upstream", &config_text, ROUTE(upstream), 0, NULL, NULL,
	  "Where requests go: an http or https URL. Its path is the base of "
	  "all that is asked for. Without it, match is required, and a "
	  "request goes over https to the host that it named. Where the "
	  "provider says with each token where its API is, {token.FIELD} "
	  "stands for that: a host or a whole https URL; upstream_hosts then "
	  "says what it may be." },
	{ "upstream_hosts", &config_words, ROUTE(upstream_hosts),
	  CONFIG_REPEAT, NULL, NULL,
	  "The hosts that an upstream with {token.FIELD} may become, or that a "
	  "hook may choose; "
	  "*.example.com stands for all names below example.com. Any other is "
	  "refused, and no request goes out." },
	{ "session", &config_text, ROUTE(session), CONFIG_OWN, NULL, NULL,
	  "Another service, whose session this one uses: its logins and its "
	  "tokens. How the token is placed (token_placement, token_name, "
	  "token_format), what other fields requests get and when a token "
	  "counts as refused is said here; all else of the session there." },
	{ "match", &config_list, ROUTE(match), CONFIG_REPEAT | CONFIG_OWN,
	  NULL, NULL,
	  "Which proxied requests are this service's: HOST, HOST:PORT, either "
	  "with a /PREFIX behind it. *.example.com stands for all names below "
	  "example.com. An exact host goes before a wildcard, one with a port "
	  "before one without, the longest prefix first. The prefix is "
	  "exchanged for the path of upstream. The default is the host and "
	  "path of upstream, and its port where the URL writes one." },
	{ "path", &config_text, ROUTE(path), CONFIG_OWN, NULL, NULL,
	  "The path on the proxy's own address that is this service's; it "
	  "begins and ends with a slash. The default is /NAME/." },
	{ "allow_plain_upstream", &config_bool, ROUTE(allow_plain_upstream),
	  CONFIG_OWN, "no", NULL,
	  "Whether a token may go over http:// to another machine, for all on "
	  "the way to read." },
	{ "allow", &config_list, ROUTE(allow), CONFIG_REPEAT | CONFIG_OWN,
	  NULL, NULL,
	  "What this service lets through, as METHOD /path, or "
	  "METHOD,METHOD /path for several methods, or * /path for any; with "
	  "an allow, all else is refused with 403, before there is a token. "
	  "The path is the one behind the service's prefix (what follows "
	  "upstream's own path), the same whichever way a request came, and "
	  "begins with a slash; the query is not looked at. In it, * stands "
	  "for any octets of a segment, none too, and ** for those of several "
	  "segments: GET,HEAD /v1/*/items and GET /v1/** are examples. "
	  "Compared are the path as it was sent and what servers make of it: "
	  "decoded once, %2F and \\ taken as slashes, what follows a ; "
	  "cut from its segment, dot segments resolved, slashes merged. It is "
	  "let through only if each of these fits. Methods and paths have a "
	  "case." },
	{ "deny", &config_list, ROUTE(deny), CONFIG_REPEAT | CONFIG_OWN,
	  NULL, NULL,
	  "What this service refuses, in the form of allow, and whatever "
	  "allow says: DELETE /**, or * /admin/** together with * /admin. A "
	  "request is refused if one of the paths that are compared fits, or "
	  "does without a slash at its end. The case of methods counts for "
	  "nothing here. Where a request names another method "
	  "(X-HTTP-Method-Override and its like, _method in the query), allow "
	  "and deny are asked for that one too; one that names another URL "
	  "(X-Original-URL, X-Rewrite-URL) is refused." },
	{ "allow_origin", &config_list, ROUTE(allow_origin),
	  CONFIG_REPEAT | CONFIG_OWN, NULL, NULL,
	  "A web origin, such as https://app.example.com, whose pages may "
	  "call this service. Their preflights are answered here. Requests of "
	  "all other pages are refused." },
	{ "connect_timeout", &config_duration, ROUTE(connect_timeout),
	  CONFIG_OWN, "10s", NULL,
	  "How long a connection to the upstream may take: name, TCP and "
	  "TLS." },
	{ "response_timeout", &config_duration, ROUTE(response_timeout),
	  CONFIG_OWN, "60s", NULL,
	  "How long the upstream may take from the last octet of a request to "
	  "the first of its response." },
	{ "idle_timeout", &config_duration, ROUTE(idle_timeout), CONFIG_OWN,
	  "60s", NULL,
	  "How long the upstream may be silent in the middle of a response, "
	  "or not take what it is sent; and the client in the middle of its "
	  "request's body, which is then answered 408, or before the response "
	  "that it is sent. Only the side that is waited for counts." },
	{ "tunnel_idle_timeout", &config_duration,
	  ROUTE(tunnel_idle_timeout), CONFIG_OWN, "1h", NULL,
	  "How long a WebSocket connection may be silent in both directions; "
	  "then it is closed on both sides. The time-outs above hold for its "
	  "handshake." },
	{ "max_body", &config_size, ROUTE(max_body), CONFIG_OWN, NULL, NULL,
	  "The largest body of a request; what is larger is answered 413. "
	  "Without it, there is no limit." },
	{ "max_upstream_connections", &config_count,
	  ROUTE(max_upstream_connections), CONFIG_OWN, NULL, NULL,
	  "How many connections to the upstream there may be at a time. At "
	  "the limit, requests wait until connect_timeout. Without it, or "
	  "with 0, there is no limit." },
	{ "http_version", &config_word, ROUTE(http_version), CONFIG_OWN, "1.1",
	  "1.1 2 auto",
	  "What is spoken with the upstream: HTTP/1.1; HTTP/2; or auto, "
	  "which is HTTP/2 where the upstream offers it on TLS, else "
	  "HTTP/1.1." },
	{ "carrier", &config_word, ROUTE(carrier), CONFIG_OWN, "auto",
	  "auto libcurl",
	  "Who speaks HTTP with the upstream: auto is bearerd itself, and "
	  "libcurl for HTTP/2 and for what a proxy on the way reads; libcurl "
	  "has all of it carried by libcurl, which is slower, for an upstream "
	  "that cannot be reached otherwise. WebSocket is always bearerd's, "
	  "over HTTP/1.1." },
	{ "upstream_ca", &config_path, ROUTE(upstream_ca),
	  CONFIG_OWN | CONFIG_GUARDED, NULL, NULL,
	  "A PEM file of the certificate authorities to believe, for the "
	  "upstream and for the token endpoint. The default is the "
	  "system's." },
	{ "tls_profile", &config_word, ROUTE(tls_profile), CONFIG_OWN,
	  "medium", "medium low legacy",
	  "How strong the certificates and key exchanges of the upstream and "
	  "of the token endpoint must be, by GnuTLS' security profiles: "
	  "medium is RSA of 2048 bits, legacy of 1776, low of 1024. With the "
	  "two weaker ones, for old appliances, a certificate without "
	  "alternative names may be for the common name of its subject." },
	{ "upstream_certificate", &config_path, ROUTE(upstream_certificate),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "A PEM file of the certificate, and its chain, that is shown to an "
	  "upstream that asks for one." },
	{ "upstream_private_key", &config_path, ROUTE(upstream_private_key),
	  CONFIG_OWN | CONFIG_PRIVATE, NULL, NULL,
	  "A PEM file of the key of upstream_certificate; not needed where "
	  "that file holds it too." },
	{ "upstream_proxy", &config_secret, ROUTE(upstream_proxy),
	  CONFIG_SECRET | CONFIG_ADDRESS | CONFIG_OWN, NULL, NULL,
	  "The URL of a proxy that the upstream and the token endpoint are "
	  "reached through: http, socks5 (names are looked up here) or socks5h "
	  "(names are looked up there), with a user and password where it "
	  "needs them; https upstreams are tunnelled through it. The "
	  "environment's variables are not looked at." },
};

static const struct config_key token_keys[] = {
	{ "refresh_leeway", &config_duration, TOKENS(refresh_leeway), 0,
	  "60s", NULL,
	  "How long before its expiry a token is renewed, in the background; "
	  "never before 80 percent of its life are over." },
	{ "default_expires_in", &config_duration, TOKENS(default_expires_in),
	  0, NULL, NULL,
	  "The life of a token for which the server names none. Without it, "
	  "such a token is used until it is refused." },
	{ "renew_idle", &config_interval, TOKENS(renew_idle), 0, NULL, NULL,
	  "How often a session that has a refresh token, and that nobody uses, "
	  "is renewed, so that the login does not die of disuse: a duration, "
	  "or no. The default is 1d where a person logs in (authorization_code "
	  "and device_code), else no. It counts from the last renewal, over "
	  "restarts too, and is up to a tenth shorter, so that many sessions "
	  "do not ask at once; half of the refresh token's life where that is "
	  "known and shorter; and never less than 10 minutes." },
	{ "default_refresh_expires_in", &config_duration,
	  TOKENS(default_refresh_expires_in), 0, NULL, NULL,
	  "The life of a refresh token for which the server names none "
	  "(refresh_expires_in, refresh_token_expires_in or "
	  "x_refresh_token_expires_in). It counts from when the server gave "
	  "it." },
	{ "login_warning", &config_duration, TOKENS(login_warning), 0, "7d",
	  NULL,
	  "How long before its end a login is said to end: in status, in the "
	  "health document (warn), in the log, and by notify. Where the key "
	  "does not stand in the file, no sooner than two thirds of the "
	  "refresh token's life are over, since short ones are mostly "
	  "renewed before that." },
	{ "token_timeout", &config_duration, TOKENS(token_timeout), 0, "10s",
	  NULL,
	  "How long one attempt at the token endpoint may take." },
	{ "max_waiting", &config_count, TOKENS(max_waiting), 0, "1000", NULL,
	  "How many requests may wait for this session's token; more are "
	  "answered 503." },
	{ "refresh_status", &config_statuses, TOKENS(refresh_status),
	  CONFIG_REPEAT | CONFIG_ROUTE, "401", NULL,
	  "The statuses of the upstream on which the token is renewed and the "
	  "request sent once more." },
	{ "refresh_if", &config_list, TOKENS(refresh_if),
	  CONFIG_REPEAT | CONFIG_ROUTE, NULL, NULL,
	  "NAME=VALUE: an answer of the upstream in JSON whose member NAME, "
	  "which may be a dotted path, is that text, number, true, false or "
	  "null, is as a 401, whatever its status: the token is renewed and "
	  "the request, of any method, sent once more. Answers are held back "
	  "for this look that name a length of at most 64 KiB, or end within a "
	  "second." },
	{ "replay", &config_word, TOKENS(replay), CONFIG_ROUTE, "safe",
	  "safe never",
	  "Which requests are sent once more: safe means all methods after "
	  "401, and only idempotent ones after other statuses." },
	{ "replay_body", &config_size, TOKENS(replay_body), CONFIG_ROUTE, "64K",
	  NULL,
	  "The largest body of a request that is kept for being sent once "
	  "more." },
	{ "existing_credential", &config_word, TOKENS(existing_credential),
	  CONFIG_ROUTE, "replace", "replace keep reject",
	  "What happens where the client sent a credential of its own, in "
	  "Authorization or where the token goes: it is replaced, kept (and "
	  "no token sent), or the request is rejected with 403." },
	{ "logout_tokens", &config_word, TOKENS(logout_tokens), 0, "both",
	  "both refresh_token access_token",
	  "Which tokens a logout sends to the revocation_endpoint: the "
	  "refresh token and then the access token, or only one of them, "
	  "where the server knows no more or ends both by it." },
};
/* clang-format on */

const struct config_table proxy_settings_table = {
	.section = "proxy",
	.title = "The daemon",
	.keys = proxy_keys,
	.nkeys = sizeof(proxy_keys) / sizeof(proxy_keys[0]),
	.size = sizeof(struct proxy_settings),
};

const struct config_table route_settings_table = {
	.section = "service",
	.title = "Route",
	.keys = route_keys,
	.nkeys = sizeof(route_keys) / sizeof(route_keys[0]),
	.size = sizeof(struct route_settings),
	.flags = CONFIG_ROUTE,
};

const struct config_table token_settings_table = {
	.section = "service",
	.title = "Tokens",
	.keys = token_keys,
	.nkeys = sizeof(token_keys) / sizeof(token_keys[0]),
	.size = sizeof(struct token_settings),
};

enum { TABLES_MAX = 64 };

static const struct config_table *joined[TABLES_MAX + 1];
static size_t njoined;

static void join(const struct config_table *t)
{
	if (!t)
		return;
	/* Rows may share one. */
	for (size_t i = 0; i < njoined; i++)
		if (joined[i] == t)
			return;
	ASSERT(njoined < TABLES_MAX);
	joined[njoined++] = t;
}

static void join_all(void)
{
	join(&proxy_settings_table);
	join(&route_settings_table);
	join(&oauth_settings_table);
	join(&compliance_table);
	join(&protected_request_table);
	join(&hook_settings_table);
	for (size_t i = 0; grants[i]; i++)
		join(grants[i]->table);
	for (size_t i = 0; client_auths[i]; i++)
		join(client_auths[i]->table);
	join(&id_token_table);
	join(&token_settings_table);
}

const struct config_table *const *service_tables(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, join_all);
	return joined;
}
