/* SPDX-License-Identifier: MIT */
/* Tells public addresses from special ones, by a table of the IANA registries:
 * unmatched requests may not go to what only this machine, or this network, can
 * reach. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	unsigned char addr[16];
	unsigned bits;
};

/* clang-format off */
static const struct range special4[] = {
	{ { 0 }, 8 },               /* this network, RFC 1122 */
	{ { 10 }, 8 },              /* private, RFC 1918 */
	{ { 100, 64 }, 10 },        /* behind a carrier's NAT, RFC 6598 */
	{ { 127 }, 8 },             /* loopback */
	{ { 169, 254 }, 16 },       /* link-local, RFC 3927 */
	{ { 172, 16 }, 12 },        /* private */
	{ { 192, 0, 0 }, 24 },      /* protocols, RFC 6890 */
	{ { 192, 0, 2 }, 24 },      /* documentation, RFC 5737 */
	{ { 192, 31, 196 }, 24 },   /* AS112, RFC 7535 */
	{ { 192, 52, 193 }, 24 },   /* AMT, RFC 7450 */
	{ { 192, 88, 99 }, 24 },    /* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16 },       /* private */
	{ { 192, 175, 48 }, 24 },   /* AS112, RFC 7534 */
	{ { 198, 18 }, 15 },        /* benchmarks, RFC 2544 */
	{ { 198, 51, 100 }, 24 },   /* documentation */
	{ { 203, 0, 113 }, 24 },    /* documentation */
	{ { 224 }, 4 },             /* multicast, RFC 5771 */
	{ { 240 }, 4 },             /* reserved, and broadcast */
};

/* Within 2000::/3; all else is special. */
static const struct range special6[] = {
	{ { 0x20, 0x01 }, 23 },                    /* protocols, Teredo,
						      benchmarks, ORCHID */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },        /* documentation */
	{ { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, 48 }, /* AS112 */
	{ { 0x3f, 0xfe }, 16 },                    /* 6bone, RFC 3701 */
	{ { 0x3f, 0xff, 0x00 }, 20 },              /* documentation, 9637 */
};

/* An IPv4 address within an IPv6 one. */
static const struct {
	struct range range;
	size_t at;
} embedded[] = {
	{ { { [10] = 0xff, [11] = 0xff }, 96 }, 12 },       /* mapped */
	{ { { 0x20, 0x02 }, 16 }, 2 },                      /* 6to4 */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },         /* NAT64 */
};

static const struct range global6 = { { 0x20 }, 3 };
/* clang-format on */

static bool within(const unsigned char *addr, const struct range *r)
{
	unsigned octets = r->bits / 8, rest = r->bits % 8;

	if (memcmp(addr, r->addr, octets) != 0)
		return false;
	return rest == 0 || (addr[octets] ^ r->addr[octets]) >> (8 - rest) == 0;
}

static bool within_any(const unsigned char *addr, const struct range *v,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (within(addr, &v[i]))
			return true;
	}
	return false;
}

static bool is_public4(const unsigned char *addr)
{
	return !within_any(addr, special4,
			   sizeof(special4) / sizeof(special4[0]));
}

static bool is_public6(const unsigned char *addr)
{
	for (size_t i = 0; i < sizeof(embedded) / sizeof(embedded[0]); i++) {
		if (within(addr, &embedded[i].range))
			return is_public4(addr + embedded[i].at);
	}
	return within(addr, &global6) &&
	       !within_any(addr, special6,
			   sizeof(special6) / sizeof(special6[0]));
}

void address_network(const struct sockaddr *sa, char out[ADDRESS_NETWORK_MAX])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *at = (const char *)sa;
	unsigned char addr[16] = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (sa->sa_family == AF_INET) {
		memcpy(addr + 12, at + offsetof(struct sockaddr_in, sin_addr),
		       4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(addr, at + offsetof(struct sockaddr_in6, sin6_addr), 16);
	} else {
		memcpy(out, "unix", sizeof("unix"));
		return;
	}
	if (sa->sa_family == AF_INET || memcmp(addr, mapped, 12) == 0) {
		inet_ntop(AF_INET, addr + 12, out, ADDRESS_NETWORK_MAX);
		return;
	}
	memset(addr + 8, 0, 8);
	inet_ntop(AF_INET6, addr, text, sizeof(text));
	snprintf(out, ADDRESS_NETWORK_MAX, "%.40s/64", text);
}

bool address_is_public(const struct sockaddr *sa)
{
	unsigned char addr[16];

	if (sa->sa_family == AF_INET) {
		memcpy(addr, (const char *)sa +
			     offsetof(struct sockaddr_in, sin_addr), 4);
		return is_public4(addr);
	}
	if (sa->sa_family != AF_INET6)
		return false;
	memcpy(addr, (const char *)sa +
		     offsetof(struct sockaddr_in6, sin6_addr), 16);
	return is_public6(addr);
}
