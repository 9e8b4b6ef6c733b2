/* SPDX-License-Identifier: MIT */
/* The functions that hooks have beside Lua's own library: encodings, digests,
 * the time. */
#include "oauth/hook/int.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "data/base64url.h"
#include "data/form.h"
#include "data/uri.h"

/* --- encodings --- */

typedef void encode_fn(struct buf *out, struct str s);
typedef int decode_fn(struct buf *out, struct str s);

static int encode(lua_State *L, encode_fn *fn)
{
	struct str s = hook_check_str(L, 1);

	fn(hook_out(L), s);
	return hook_push_out(L);
}

/* nil where the text is not so encoded. */
static int decode(lua_State *L, decode_fn *fn)
{
	struct str s = hook_check_str(L, 1);

	if (fn(hook_out(L), s) < 0) {
		lua_pushnil(L);
		return 1;
	}
	return hook_push_out(L);
}

static int base64_encode_lua(lua_State *L)
{
	return encode(L, base64_encode);
}

static int base64_decode_lua(lua_State *L)
{
	return decode(L, base64_decode);
}

static int base64url_encode_lua(lua_State *L)
{
	return encode(L, base64url_encode);
}

static int base64url_decode_lua(lua_State *L)
{
	return decode(L, base64url_decode);
}

static int uri_encode(lua_State *L)
{
	return encode(L, percent_encode);
}

static int uri_decode(lua_State *L)
{
	return encode(L, percent_decode);
}

static void hex(struct buf *out, struct str s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		buf_add_char(out, digits[c >> 4]);
		buf_add_char(out, digits[c & 15]);
	}
}

static int unhex(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i += 2) {
		int high = char_hex(s.p[i]);
		int low = i + 1 < s.n ? char_hex(s.p[i + 1]) : -1;

		if (high < 0 || low < 0)
			return -1;
		buf_add_char(out, (char)(high << 4 | low));
	}
	return 0;
}

static int hex_encode(lua_State *L)
{
	return encode(L, hex);
}

static int hex_decode(lua_State *L)
{
	return decode(L, unhex);
}

/* --- uri.parse --- */

static void set_str(lua_State *L, const char *name, struct str s)
{
	hook_push_str(L, s);
	lua_setfield(L, -2, name);
}

static int uri_parse_lua(lua_State *L)
{
	struct str s = hook_check_str(L, 1);
	struct uri u;

	if (uri_parse(s, &u, NULL) < 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	set_str(L, "scheme", u.scheme);
	set_str(L, "host", u.host);
	set_str(L, "path", u.path);
	lua_pushinteger(L, uri_port(&u));
	lua_setfield(L, -2, "port");
	if (u.has_query)
		set_str(L, "query", u.query);
	if (u.has_fragment)
		set_str(L, "fragment", u.fragment);
	return 1;
}

/* --- form --- */

static void add_pair(lua_State *L, struct buf *out, struct str name)
{
	struct str value;

	if (!hook_to_str(L, -1, &value))
		hook_error(L, "a form's value is a %s, not text or a number",
			   luaL_typename(L, -1));
	hook_charge(L, value.n / 8 + 1);
	form_add(out, name, value);
	lua_pop(L, 1);
}

/* An array of values is a name that stands more than once. The value is at
 * the top, and popped. */
static void add_pairs(lua_State *L, struct buf *out, struct str name)
{
	int index = lua_gettop(L);
	size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;

	if (!lua_istable(L, -1)) {
		add_pair(L, out, name);
		return;
	}
	for (size_t i = 1; i <= n; i++) {
		lua_rawgeti(L, index, (lua_Integer)i);
		add_pair(L, out, name);
	}
	lua_pop(L, 1);
}

static int form_encode_lua(lua_State *L)
{
	struct buf *out = hook_out(L);
	size_t n;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	n = hook_push_names(L, 1);
	for (size_t i = 1; i <= n; i++) {
		struct str name;

		lua_rawgeti(L, 2, (lua_Integer)i);
		name.p = lua_tolstring(L, -1, &name.n);
		lua_pushvalue(L, -1);
		lua_rawget(L, 1);
		add_pairs(L, out, name);
		lua_pop(L, 1);
	}
	return hook_push_out(L);
}

void hook_add_value(lua_State *L, int index)
{
	index = lua_absindex(L, index);
	lua_pushvalue(L, -2);
	switch (lua_rawget(L, index)) {
	case LUA_TNIL:
		lua_pop(L, 1);
		lua_rawset(L, index);
		return;
	case LUA_TTABLE:
		lua_insert(L, -2);
		lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
		lua_pop(L, 2);
		return;
	default:
		break;
	}
	lua_createtable(L, 2, 0);
	lua_insert(L, -2);
	lua_rawseti(L, -2, 1);
	lua_insert(L, -2);
	lua_rawseti(L, -2, 2);
	lua_rawset(L, index);
}

static int form_decode(lua_State *L)
{
	struct str rest = hook_check_str(L, 1);
	struct buf *name = &hook_machine_of(L)->name, *value = hook_out(L);

	hook_charge(L, rest.n / 4);
	lua_settop(L, 1);
	lua_newtable(L);
	while (form_next(&rest, name, value)) {
		hook_push_str(L, buf_str(name));
		if (!buf_ok(name))
			return hook_error(L, "a name is too long");
		hook_push_out(L);
		hook_add_value(L, 2);
	}
	return 1;
}

/* --- digests --- */

struct algorithm {
	const char *name;
	size_t size;
	void (*digest)(struct str octets, unsigned char *out);
	void (*hmac)(const struct secret *key, struct str octets,
		     unsigned char *out);
};

static const struct algorithm algorithms[] = {
	{ "sha256", DIGEST_SHA256_SIZE, digest_sha256, digest_hmac_sha256 },
	{ "sha384", DIGEST_SHA384_SIZE, digest_sha384, digest_hmac_sha384 },
	{ "sha512", DIGEST_SHA512_SIZE, digest_sha512, digest_hmac_sha512 },
	{ NULL, 0, NULL, NULL },
};

/* Octets, or hexadecimal digits where the argument says "hex". */
static int push_digest(lua_State *L, const unsigned char *d, size_t n, int arg)
{
	struct str s = { (const char *)d, n };

	if (lua_isnoneornil(L, arg)) {
		hook_push_str(L, s);
		return 1;
	}
	hook_check_argument(L, str_eq(hook_check_str(L, arg), STR("hex")), arg,
			    "\"hex\" or nothing is wanted");
	hex(hook_out(L), s);
	return hook_push_out(L);
}

static int digest(lua_State *L, const struct algorithm *a)
{
	unsigned char d[DIGEST_MAX_SIZE];

	a->digest(hook_check_str(L, 1), d);
	return push_digest(L, d, a->size, 2);
}

static int sha256(lua_State *L)
{
	return digest(L, &algorithms[0]);
}

static int sha384(lua_State *L)
{
	return digest(L, &algorithms[1]);
}

static int sha512(lua_State *L)
{
	return digest(L, &algorithms[2]);
}

/* hmac(algorithm, key, octets[, "hex"]) */
static int hmac(lua_State *L)
{
	struct str name = hook_check_str(L, 1);
	struct str key = hook_check_str(L, 2);
	struct str octets = hook_check_str(L, 3);
	const struct algorithm *a = algorithms;
	unsigned char d[DIGEST_MAX_SIZE];
	struct secret *secret;

	while (a->name && !str_eq_z(name, a->name))
		a++;
	hook_check_argument(L, a->name, 1,
			    "sha256, sha384 or sha512 is wanted");
	secret = secret_new(key);
	a->hmac(secret, octets, d);
	secret_unref(&secret);
	return push_digest(L, d, a->size, 4);
}

static int random_octets(lua_State *L)
{
	char octets[256];
	lua_Integer n = luaL_checkinteger(L, 1);

	hook_check_argument(L, n > 0 && n <= (lua_Integer)sizeof(octets), 1,
			    "1 to 256 octets");
	random_fill(octets, (size_t)n);
	lua_pushlstring(L, octets, (size_t)n);
	return 1;
}

/* --- time --- */

static int time_now(lua_State *L)
{
	lua_pushinteger(L, clock_wall_ms() / 1000);
	return 1;
}

static int time_now_ms(lua_State *L)
{
	lua_pushinteger(L, clock_wall_ms());
	return 1;
}

/* One conversion, as strftime has it in the C locale, at UTC. */
static int add_date(struct buf *out, char letter, const struct tm *t)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	switch (letter) {
	case 'a': buf_add(out, days + 3 * t->tm_wday, 3); return 0;
	case 'b': buf_add(out, months + 3 * t->tm_mon, 3); return 0;
	case 'd': buf_addf(out, "%02d", t->tm_mday); return 0;
	case 'e': buf_addf(out, "%2d", t->tm_mday); return 0;
	case 'H': buf_addf(out, "%02d", t->tm_hour); return 0;
	case 'j': buf_addf(out, "%03d", t->tm_yday + 1); return 0;
	case 'm': buf_addf(out, "%02d", t->tm_mon + 1); return 0;
	case 'M': buf_addf(out, "%02d", t->tm_min); return 0;
	case 'S': buf_addf(out, "%02d", t->tm_sec); return 0;
	case 'y': buf_addf(out, "%02d", t->tm_year % 100); return 0;
	case 'Y': buf_addf(out, "%d", t->tm_year + 1900); return 0;
	case 'z': buf_add_z(out, "+0000"); return 0;
	case 'Z': buf_add_z(out, "GMT"); return 0;
	case '%': buf_add_char(out, '%'); return 0;
	default: return -1;
	}
}

/* The date and the time of HTTP and of RFC 3339 can be made of these. */
static int add_dates(struct buf *out, struct str format, const struct tm *t)
{
	struct cursor c = cursor_of(format);

	while (!cursor_done(&c)) {
		char octet = *c.p++;

		if (octet != '%')
			buf_add_char(out, octet);
		else if (cursor_done(&c) || add_date(out, *c.p++, t) < 0)
			return -1;
	}
	return 0;
}

/* time.date(format[, seconds]) */
static int time_date(lua_State *L)
{
	struct str format = hook_check_str(L, 1);
	time_t at = (time_t)luaL_optinteger(L, 2, clock_wall_ms() / 1000);
	struct tm tm = { 0 };

	hook_check_argument(L, at >= 0 && at < 253402300800, 2, "out of range");
	gmtime_r(&at, &tm);
	hook_check_argument(L, add_dates(hook_out(L), format, &tm) == 0, 1,
			    "it has a conversion other than %a %b %d %e %H %j "
			    "%m %M %S %y %Y %z %Z %%");
	return hook_push_out(L);
}

/* --- the tables --- */

struct function {
	const char *name;
	lua_CFunction fn;
};

/* Under a name of the environment; NULL: in it. */
static const struct {
	const char *name;
	struct function functions[4];
} tables[] = {
	{ "base64", { { "encode", base64_encode_lua },
		      { "decode", base64_decode_lua } } },
	{ "base64url", { { "encode", base64url_encode_lua },
			 { "decode", base64url_decode_lua } } },
	{ "form", { { "encode", form_encode_lua },
		    { "decode", form_decode } } },
	{ "hex", { { "encode", hex_encode }, { "decode", hex_decode } } },
	{ "uri", { { "encode", uri_encode }, { "decode", uri_decode },
		   { "parse", uri_parse_lua } } },
	{ "time", { { "now", time_now }, { "now_ms", time_now_ms },
		    { "date", time_date } } },
	{ NULL, { { "sha256", sha256 }, { "sha384", sha384 },
		  { "sha512", sha512 } } },
	{ NULL, { { "hmac", hmac }, { "random", random_octets } } },
};

void hook_open_library(lua_State *L)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].name)
			lua_newtable(L);
		for (size_t j = 0; j < 4 && tables[i].functions[j].name; j++)
			hook_add(L, tables[i].functions[j].name,
				 tables[i].functions[j].fn);
		if (tables[i].name)
			lua_setfield(L, -2, tables[i].name);
	}
	hook_open_json(L);
}
