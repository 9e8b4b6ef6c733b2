/* SPDX-License-Identifier: MIT */
/* Bounds of authorization servers, tokens, logins and hooks (base/limits.h). */
#pragma once

/* clang-format off */
#define LIMITS_SERVER(X) \
	X(JSON_DEPTH, 16, "levels", \
	  "JSON from an authorization server", \
	  "The whole of it is refused.") \
	X(JSON_VALUES, 4096, "values", \
	  "values in it", \
	  "The same.") \
	X(TOKEN_RESPONSE, 256 * LIMIT_KIB, "octets", \
	  "a token response", \
	  "The token request has failed.") \
	X(INTROSPECTION, 64 * LIMIT_KIB, "octets", \
	  "an introspection response", \
	  "It is not shown.") \
	X(METADATA, 256 * LIMIT_KIB, "octets", \
	  "a metadata document", \
	  "It is not taken.") \
	X(METADATA_URL, 2 * LIMIT_KIB, "octets", \
	  "an address in it", \
	  "It is not taken.") \
	X(METADATA_LIST, 256, "values", \
	  "a list in it", \
	  "It is not taken.") \
	X(METADATA_WORD, 256, "octets", \
	  "a value of such a list", \
	  "It is not taken.") \
	X(SERVER_FRESH, 60 * 60 * 1000, "ms", \
	  "the time for which metadata and keys are used without asking", \
	  "They are asked for again, the old ones in use meanwhile.") \
	X(SERVER_AGAIN, 60 * 1000, "ms", \
	  "the time between two attempts at that", \
	  "The old ones are used.") \
	X(METADATA_LIFE, 24 * 60 * 60 * 1000, "ms", \
	  "the time for which metadata that could not be renewed is " \
	  "used", \
	  "What needs it waits for it; without it, it fails.") \
	X(JWKS_LIFE, 24 * 60 * 60 * 1000, "ms", \
	  "the time for which keys are kept that nobody asks for", \
	  "They are forgotten.") \
	X(JWKS, 256 * LIMIT_KIB, "octets", \
	  "a set of keys", \
	  "It is not taken.") \
	X(JWKS_KEYS, 128, "keys", \
	  "keys of it", \
	  "It is not taken.") \
	X(JWKS_RSA, 8192, "bits", \
	  "an RSA key of it", \
	  "The key is passed over.") \
	X(DPOP_NONCES, 256, "nonces", \
	  "nonces of a session and thread, one an origin", \
	  "The oldest is forgotten.") \
	X(DPOP_NONCE, LIMIT_KIB, "octets", \
	  "a nonce", \
	  "It is not taken.") \
	X(CODINGS, 4, "codings", \
	  "content codings of an authorization server's answer", \
	  "It is refused.") \
	X(SHOWN, 120, "octets", \
	  "a server's word that a message repeats", \
	  "It is cut.") \
	X(REFUSAL_DEPTH, 8, "levels", \
	  "JSON of a refusal that is not quite JSON", \
	  "What is deeper is passed over.") \
	X(ERROR_CODE, 64, "octets", \
	  "a refusal's error, with the octet that ends it", \
	  "It is cut.") \
	X(ERROR_TEXT, 256, "octets", \
	  "its error_description, in the same way", \
	  "It is cut.") \
	X(REDACT, LIMIT_KIB, "octets", \
	  "how much of a secret is looked for in what a server says " \
	  "before that is told", \
	  "The rest is not compared.") \
	X(REDACT_LEAST, 8, "octets", \
	  "the shortest token of a server's answer, and value of a hook's, " \
	  "that is looked for in this way", \
	  "What is shorter is not: it is in any text.") \
	X(REDACT_CUT, 4, "octets", \
	  "the shortest beginning of a secret that is looked for where a " \
	  "server's word was cut", \
	  "What is shorter is not.")

#define LIMITS_TOKEN(X) \
	X(TOKEN_REQUEST, 256 * LIMIT_KIB, "octets", \
	  "a token request, and any other to an authorization server", \
	  "It is not sent, and has failed.") \
	X(TOKEN_VALUE, 64 * LIMIT_KIB, "octets", \
	  "a token, and any other value of a response", \
	  "The token request has failed.") \
	X(TOKEN_TYPE, 64, "octets", \
	  "a token's type", \
	  "The same.") \
	X(TOKEN_LIFE, 10 * 365 * 24 * 60 * 60, "s", \
	  "the life of a token that a server says", \
	  "More counts as this.") \
	X(VALUE, 80 * LIMIT_KIB, "octets", \
	  "a value with the token in it (token_format), before it is " \
	  "encoded", \
	  "502 token_unusable; in the configuration a mistake.") \
	X(DPOP_PROOF, 64 * LIMIT_KIB, "octets", \
	  "a DPoP proof", \
	  "502, or the token request has failed.") \
	X(ENDPOINT, 16 * LIMIT_KIB, "octets", \
	  "the path and query of an endpoint", \
	  "It is a mistake, or not taken.") \
	X(SUBJECT_LOOK, 1000, "ms", \
	  "the time between two looks at subject_token_file and " \
	  "actor_token_file", \
	  "Another subject is seen so much later at the most.") \
	X(END_TOKENS, 2000, "ms", \
	  "the time at the end for token requests that are under way", \
	  "They are given up, but for one whose token could not be asked for " \
	  "again: that has token_timeout.") \
	X(REFRESH_QUICK, 200, "ms", \
	  "the time until a token request that had no answer is tried " \
	  "once more", \
	  "It counts as failed once that fails too.") \
	X(REFRESH_PAUSE_FIRST, 1000, "ms", \
	  "the time between a token request that failed and the next; " \
	  "each pause is twice as long", \
	  "It is tried again.") \
	X(REFRESH_PAUSE_UNAVAILABLE, 10 * 1000, "ms", \
	  "the longest such pause where the server cannot be reached", \
	  "The same.") \
	X(REFRESH_PAUSE_DENIED, 5 * 60 * 1000, "ms", \
	  "the longest such pause where it refuses", \
	  "The same.") \
	X(REFRESH_RETRY_AFTER, 5 * 60 * 1000, "ms", \
	  "the longest Retry-After of a server that is obeyed", \
	  "More counts as this.") \
	X(REFRESH_HOLD_FIRST, 10 * 1000, "ms", \
	  "the time for which 401 is passed on without renewal, once a " \
	  "renewed token was refused too; twice as long each time", \
	  "The next 401 renews the token again.") \
	X(REFRESH_HOLD_LAST, 5 * 60 * 1000, "ms", \
	  "the longest such time", \
	  "The same.") \
	X(RENEW_IDLE, 10 * 60 * 1000, "ms", \
	  "the time between two renewals of a session that nobody uses " \
	  "(renew_idle)", \
	  "It is not renewed sooner.") \
	X(RENEW_IDLE_UNSAID, 24 * 60 * 60 * 1000, "ms", \
	  "renew_idle where a person logs in and it is not given", \
	  "The session is renewed.") \
	X(RENEW_IDLE_AGAIN, 60 * 1000, "ms", \
	  "the time between two attempts at that where they fail", \
	  "It is tried again.") \
	X(SECRET_LOOK, 1000, "ms", \
	  "the time between two looks at the files of sessions' secrets", \
	  "A change is seen then; token requests read them anyway.") \
	X(CARRIED, 5, "secrets", \
	  "secrets that a request to a server carries (a code, a verifier)", \
	  "No request has more.")

#define LIMITS_CRYPTO(X) \
	X(KEY_ZEROS, 16, "octets", \
	  "zeros before a number of a JWK", \
	  "The key cannot be used.") \
	X(KEY_FILE, 64 * LIMIT_KIB, "octets", \
	  "a key, in a file or a service account's", \
	  "It is a mistake.") \
	X(SERVICE_ACCOUNT, 64 * LIMIT_KIB, "octets", \
	  "a service account's file", \
	  "It is a mistake.") \
	X(SERVICE_ACCOUNT_MEMBER, 2 * LIMIT_KIB, "octets", \
	  "a value in it, but the key", \
	  "It is a mistake.") \
	X(RSA_LEAST, 2048, "bits", \
	  "the smallest RSA key", \
	  "A smaller one is refused.") \
	X(RSA, 16384, "bits", \
	  "an RSA key", \
	  "It is refused.") \
	X(KEY_ID, 512, "octets", \
	  "a key's kid", \
	  "The key is refused.") \
	X(KEY_ALG, 64, "octets", \
	  "a key's alg", \
	  "The key is refused.") \
	X(KEY_SECRET, 8 * LIMIT_KIB, "octets", \
	  "a shared secret that is a JWK", \
	  "The key is refused.") \
	X(JWS, 128 * LIMIT_KIB, "octets", \
	  "a JWT that is read; half of it the claims of one that is " \
	  "made", \
	  "It is refused.") \
	X(JWS_HEADER, 16 * LIMIT_KIB, "octets", \
	  "its header", \
	  "It is refused.") \
	X(ASSERTION, 64 * LIMIT_KIB, "octets", \
	  "an assertion that is made", \
	  "The token request has failed.") \
	X(ASSERTION_LIFE, 24 * 60 * 60, "s", \
	  "assertion_lifetime", \
	  "It is a mistake.") \
	X(ASSERTION_LIFE_LEAST, 60, "s", \
	  "the shortest assertion_lifetime", \
	  "Less is a mistake.") \
	X(ASSERTION_LIFE_GOOGLE, 60 * 60, "s", \
	  "the same with service_account_file", \
	  "It is a mistake.") \
	X(CLIENT_ASSERTION_LIFE, 120, "s", \
	  "the life of an assertion of who the client is", \
	  "The server refuses it; each request has one of its own.") \
	X(ASSERTION_SKEW, 60, "s", \
	  "how far the beginning of an assertion's life is set back, for " \
	  "clocks that differ; a tenth of its life, where that is less", \
	  "A server whose clock is further behind refuses it.") \
	X(ID_TOKEN_LEEWAY, 120, "s", \
	  "what a server's clock may differ by, for an id_token's times", \
	  "It is refused.") \
	X(ID_TOKEN_KEYS, 4, "keys", \
	  "keys that an id_token's signature is checked with", \
	  "It is refused.") \
	X(ID_TOKEN_AGE, 24 * 60 * 60, "s", \
	  "the time since an id_token was made, at a login", \
	  "It is refused.") \
	X(ID_TOKEN_SUB, LIMIT_KIB, "octets", \
	  "whose an id_token is (sub)", \
	  "It is refused.")

#define LIMITS_LOGIN(X) \
	X(LOGIN_LIFE, 10 * 60 * 1000, "ms", \
	  "the time that a login may take", \
	  "It ends, and has to be begun again.") \
	X(LOGINS_ADDRESS, 20, "logins", \
	  "unfinished logins that pages began, of an IPv4 address, an IPv6 " \
	  "/64, or all Unix sockets", \
	  "The newest five stay; of the others the one that was begun " \
	  "soonest after another ends, so that a flood thins itself out.") \
	X(LOGINS_RECENT, 5, "logins", \
	  "those that stay", \
	  "") \
	X(LOGINS_SERVICE, 200, "logins", \
	  "unfinished logins of a service that pages began", \
	  "The next one is a 503 with Retry-After; what is begun stays.") \
	X(LOGINS_DEVICE, 20, "logins", \
	  "the same of a service with codes for devices", \
	  "The same.") \
	X(LOGINS_ALL, 1000, "logins", \
	  "the same in all", \
	  "The same.") \
	X(LOGINS_COMMAND, 64, "logins", \
	  "unfinished logins of a service that bearerd login began", \
	  "The oldest of them ends.") \
	X(LOGINS_BACK, 64, "logins", \
	  "people of a service who are back and wait for the server", \
	  "The next one is a 503, and may load the page again.") \
	X(LOGIN_CALLS, 10, "calls", \
	  "calls at the server (pushed requests, device codes) at once for " \
	  "logins of a service that pages began", \
	  "The next login is a 503 with Retry-After.") \
	X(LOGIN_CALL_PERIOD, 1000, "ms", \
	  "the time after which there may be one more", \
	  "The same.") \
	X(PAGE_RETRY, 10 * 1000, "ms", \
	  "what Retry-After says on a page that is a 503", \
	  "") \
	X(LOGIN_ASKED, 10 * 60, "s", \
	  "the time in which a person who is asked whether to log in " \
	  "may say yes", \
	  "The page asks again.") \
	X(LOGIN_ADDRESS, 32 * LIMIT_KIB, "octets", \
	  "an address or cookie of a login", \
	  "The login has failed.") \
	X(AUTHORIZATION_URL, 8 * LIMIT_KIB, "octets", \
	  "the address that a browser is sent to", \
	  "The login does not begin.") \
	X(AUTHORIZATION_RESPONSE, 256 * LIMIT_KIB, "octets", \
	  "what a browser brings back", \
	  "The login has failed.") \
	X(AUTHORIZATION_VALUE, 8 * LIMIT_KIB, "octets", \
	  "a value of it that is not a token", \
	  "The login has failed.") \
	X(CALLBACK_KEPT, 8, "parameters", \
	  "authorization_response.keep of a service", \
	  "It is a mistake.") \
	X(CALLBACK_VALUE, LIMIT_KIB, "octets", \
	  "a parameter that is kept so", \
	  "The login has failed.") \
	X(PUSHED_URI, 2 * LIMIT_KIB, "octets", \
	  "the request_uri of a pushed request", \
	  "The login does not begin.") \
	X(PUSHED_LIFE, 10 * 24 * 60 * 60, "s", \
	  "its life", \
	  "More counts as this.") \
	X(USER_CODE, 128, "octets", \
	  "the code that a person types in elsewhere", \
	  "The login does not begin.") \
	X(DEVICE_URI, 2 * LIMIT_KIB, "octets", \
	  "the address where", \
	  "The login does not begin.") \
	X(DEVICE_LIFE, 24 * 60 * 60, "s", \
	  "the life of such a code", \
	  "More counts as this.") \
	X(DEVICE_LIFE_UNSAID, 15 * 60, "s", \
	  "the same where the server does not say", \
	  "The login ends.") \
	X(DEVICE_INTERVAL, 60, "s", \
	  "the time between two questions whether it was typed in, as " \
	  "the server says, or after faults", \
	  "More counts as this.") \
	X(DEVICE_INTERVAL_UNSAID, 5, "s", \
	  "the same where the server does not say (RFC 8628, section 3.2)", \
	  "It is asked again.") \
	X(LOGIN_TYPED, 32 * LIMIT_KIB, "octets", \
	  "a line that is typed in or pasted at bearerd login, or what it " \
	  "reads for --import", \
	  "It fails.") \
	X(HANDOVER_LIFE, 10 * 60, "s", \
	  "the time for which bearerd login waits for the browser that " \
	  "it opened", \
	  "The browser cannot be led on any more.") \
	X(HANDOVER_PATIENCE, 5, "s", \
	  "the time that it gives a connection", \
	  "It is closed.") \
	X(HANDOVER_HEAD, 16 * LIMIT_KIB, "octets", \
	  "a request on it", \
	  "It is closed.")

#define LIMITS_HOOK(X) \
	X(HOOK_FILE, 256 * LIMIT_KIB, "octets", \
	  "a file of hooks", \
	  "It is a mistake.") \
	X(HOOK_STEPS, 2000000, "steps", \
	  "what a call of a hook executes", \
	  "The call fails.") \
	X(HOOK_CPU, 150, "ms", \
	  "the processor's time of a call", \
	  "The call fails.") \
	X(HOOK_LOOK, 100, "instructions", \
	  "instructions between two looks at both", \
	  "A call goes on so far at the most.") \
	X(HOOK_LARGE, 32 * LIMIT_KIB, "octets", \
	  "a text from which on there are more looks", \
	  "There are.") \
	X(HOOK_LOOK_LARGE, 16, "instructions", \
	  "instructions between two of them", \
	  "A call goes on so far at the most.") \
	X(HOOK_CHARGES, 4096, "steps", \
	  "steps within one of Lua's functions between two looks", \
	  "The same.") \
	X(HOOK_MEMORY, 8 * LIMIT_MIB, "octets", \
	  "the memory of a thread's hooks", \
	  "The call fails.") \
	X(HOOK_BLOCK, 2 * LIMIT_MIB, "octets", \
	  "a value that a call makes", \
	  "The call fails.") \
	X(HOOK_TEXT, LIMIT_MIB, "octets", \
	  "a text that one of bearerd's functions makes", \
	  "The call fails.") \
	X(HOOK_TABLE, 64 * 1024, "elements", \
	  "a table that Lua's functions for tables are given", \
	  "The call fails.") \
	X(HOOK_CAPTURES, 32, "captures", \
	  "captures of a pattern", \
	  "The call fails.") \
	X(HOOK_ITEMS, 128, "items", \
	  "items of a pattern", \
	  "The call fails.") \
	X(HOOK_WORDS, 240, "octets", \
	  "what is told of an error in a hook", \
	  "It is cut.") \
	X(HOOK_BODY, LIMIT_MIB, "octets", \
	  "a body that a hook is shown", \
	  "It is not shown.")
/* clang-format on */
