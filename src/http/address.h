/* SPDX-License-Identifier: MIT */
/* What an IP address is by itself, whoever has it (RFC 6890). */
#pragma once

#include <stdbool.h>

struct sockaddr;

/* "xxxx:xxxx:xxxx:xxxx::/64" and its end. */
enum { ADDRESS_NETWORK_MAX = 48 };

/* Whom an address stands for where one is held to a bound: of IPv4 (also
 * mapped into IPv6) itself, of IPv6 its /64, of all other families "unix".
 * Never empty. */
void address_network(const struct sockaddr *sa, char out[ADDRESS_NETWORK_MAX]);

/* Whether sa is an address that anybody on the Internet could have: none of
 * the special-purpose registries of RFC 6890 and their later entries, no
 * multicast. One that has an IPv4 address within it, by which it is reached
 * (mapped, 6to4, NAT64), is what that one is. False for all families but
 * IPv4 and IPv6. */
bool address_is_public(const struct sockaddr *sa);
