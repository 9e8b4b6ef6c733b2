/* SPDX-License-Identifier: MIT */
/* Ranges of addresses (RFC 4632, RFC 4291 §2.3), for who may connect. */
#include "config/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* ::ffff:0:0/96, RFC 4291 §2.5.5.2 */
static const unsigned char mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

/* An IPv4-mapped range becomes the IPv4 one that it is. */
static void unmap(struct config_cidr *c)
{
	if (c->family != AF_INET6 || c->bits < 96 ||
	    memcmp(c->addr, mapped, sizeof(mapped)) != 0)
		return;
	c->family = AF_INET;
	c->bits -= 96;
	memmove(c->addr, c->addr + 12, 4);
	memset(c->addr + 4, 0, 12);
}

static bool same_prefix(const unsigned char *a, const unsigned char *b,
			unsigned bits)
{
	unsigned octets = bits / 8, rest = bits % 8;

	if (memcmp(a, b, octets) != 0)
		return false;
	return !rest || (a[octets] ^ b[octets]) >> (8 - rest) == 0;
}

static bool bits_beyond(const struct config_cidr *c)
{
	unsigned size = c->family == AF_INET ? 4 : 16;

	for (unsigned i = c->bits; i < size * 8; i++)
		if (c->addr[i / 8] & (0x80u >> (i % 8)))
			return true;
	return false;
}

int config_cidr_parse(struct str text, struct config_cidr *out,
		      struct fault *f)
{
	size_t slash = str_find(text, '/');
	char address[INET6_ADDRSTRLEN] = "";
	uint64_t bits = 0;

	memset(out, 0, sizeof(*out));
	if (slash < sizeof(address))
		memcpy(address, text.p, slash);
	out->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	out->bits = out->family == AF_INET ? 32 : 128;
	if (inet_pton(out->family, address, out->addr) != 1)
		return fault_set(f, "must be addresses or ranges such as "
				    "10.0.0.0/8 and fd00::/8");
	if (slash < text.n) {
		if (!str_u64(str_from(text, slash + 1), out->bits, &bits))
			return fault_set(f, "what stands behind \"/\" must be "
					    "a number from 0 to %u",
					 out->bits);
		out->bits = (unsigned)bits;
	}
	if (bits_beyond(out))
		return fault_set(f, "%s has bits beyond its first %u", address,
				 out->bits);
	unmap(out);
	return 0;
}

bool config_cidrs_match(const struct config_cidrs *c,
			const struct sockaddr *sa)
{
	struct config_cidr a = { .family = sa->sa_family };

	if (sa->sa_family == AF_INET) {
		memcpy(a.addr, (const char *)sa +
			       offsetof(struct sockaddr_in, sin_addr), 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(a.addr, (const char *)sa +
			       offsetof(struct sockaddr_in6, sin6_addr), 16);
		a.bits = 128;
		unmap(&a);
	} else {
		return false;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].family == a.family &&
		    same_prefix(c->v[i].addr, a.addr, c->v[i].bits))
			return true;
	return false;
}
