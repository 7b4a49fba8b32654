/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "net/quic/link.h"

static bool
is_dialable (const struct ifaddrs *address, bool loopback)
{
  if (!address->ifa_addr || !(address->ifa_flags & IFF_UP) ||
      ((address->ifa_flags & IFF_LOOPBACK) != 0) != loopback)
    return false;
  /* a link-local address means nothing without the interface it is on, which another host cannot
   * know */
  return address->ifa_addr->sa_family == AF_INET ||
         (address->ifa_addr->sa_family == AF_INET6 &&
          !IN6_IS_ADDR_LINKLOCAL (&((const struct sockaddr_in6 *) address->ifa_addr)->sin6_addr));
}

GPtrArray *
local_addresses_list (uint16_t port)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  struct ifaddrs *all = NULL;
  if (getifaddrs (&all) != 0)
    return addresses;
  for (int loopback = 0; loopback <= 1 && addresses->len == 0; loopback++)
    for (struct ifaddrs *a = all; a; a = a->ifa_next)
      {
        if (!is_dialable (a, loopback))
          continue;
        ngtcp2_sockaddr_union address;
        memcpy (&address, a->ifa_addr, sockaddr_len (a->ifa_addr));
        if (address.sa.sa_family == AF_INET)
          address.in.sin_port = htons (port);
        else
          address.in6.sin6_port = htons (port);
        g_ptr_array_add (addresses,
                         g_socket_address_new_from_native (&address, sockaddr_len (&address.sa)));
      }
  freeifaddrs (all);
  return addresses;
}
