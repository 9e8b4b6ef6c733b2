/* SPDX-License-Identifier: MIT */
/* What an IP address is by itself, whoever has it (RFC 6890). */
#pragma once

#include <stdbool.h>

struct sockaddr;

/* Whether sa is an address that anybody on the Internet could have: none of
 * the special-purpose registries of RFC 6890 and their later entries, no
 * multicast. One that has an IPv4 address within it, by which it is reached
 * (mapped, 6to4, NAT64), is what that one is. False for all families but
 * IPv4 and IPv6. */
bool address_is_public(const struct sockaddr *sa);
