/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a peer is, for counting. */
#pragma once

#include <glib.h>
#include <string.h>
#include <netinet/in.h>

G_BEGIN_DECLS

/** What one host has at least: an IPv4 address, an IPv6 /64 (see core/stranger_limits.h). */
static inline uint64_t
peer_address_prefix (const struct sockaddr *address)
{
  uint64_t prefix = 0;
  if (address->sa_family == AF_INET6)
    {
      const struct in6_addr *in6 =
          &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr;
      memcpy (&prefix, in6->s6_addr + (IN6_IS_ADDR_LINKLOCAL (in6) ? 8 : 0), sizeof prefix);
    }
  else
    memcpy ((char *) &prefix + 4, &((const struct sockaddr_in *) (const void *) address)->sin_addr,
            4);
  return prefix;
}

G_END_DECLS
