/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/interfaces.h"

#include <gio/gio.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
interface_free (gpointer data)
{
  Interface *interface = data;
  g_ptr_array_unref (interface->addresses);
  g_free (interface);
}

static bool
is_tunnel (unsigned short link_type)
{
  return link_type == ARPHRD_NONE || link_type == ARPHRD_PPP || link_type == ARPHRD_TUNNEL ||
         link_type == ARPHRD_SIT || link_type == ARPHRD_IPGRE;
}

/* The answers of ioctl() share their memory. */
static void
ask_kernel (Interface *interface)
{
  struct ifreq request = { 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  g_strlcpy (request.ifr_name, interface->name, sizeof request.ifr_name);
  if (ioctl (fd, SIOCGIFMTU, &request) == 0)
    interface->mtu = (guint) request.ifr_mtu;
  if (ioctl (fd, SIOCGIFHWADDR, &request) == 0)
    interface->tunnel = is_tunnel (request.ifr_hwaddr.sa_family);
  close (fd);
}

static Interface *
take_interface (GPtrArray *interfaces, const char *name)
{
  for (guint i = 0; i < interfaces->len; i++)
    {
      Interface *interface = g_ptr_array_index (interfaces, i);
      if (g_str_equal (interface->name, name))
        return interface;
    }
  Interface *interface = g_new0 (Interface, 1);
  g_strlcpy (interface->name, name, sizeof interface->name);
  ask_kernel (interface);
  interface->addresses = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (interfaces, interface);
  return interface;
}

static void
add_address (Interface *interface, const struct sockaddr *address)
{
  size_t len =
      address->sa_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
  g_autoptr (GSocketAddress) known = g_socket_address_new_from_native ((gpointer) address, len);
  GInetAddress *inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (known));
  g_autofree char *text = g_inet_address_to_string (inet);
  g_ptr_array_add (interface->addresses,
                   g_inet_address_get_is_link_local (inet) && address->sa_family == AF_INET6
                       ? g_strdup_printf ("%s%%%s", text, interface->name)
                       : g_steal_pointer (&text));
}

GPtrArray *
interfaces_list (void)
{
  GPtrArray *interfaces = g_ptr_array_new_with_free_func (interface_free);
  struct ifaddrs *all = NULL;
  if (getifaddrs (&all) != 0)
    return interfaces;
  for (const struct ifaddrs *a = all; a; a = a->ifa_next)
    {
      int family = a->ifa_addr ? a->ifa_addr->sa_family : AF_UNSPEC;
      if (!(a->ifa_flags & IFF_UP) || a->ifa_flags & IFF_LOOPBACK ||
          (family != AF_INET && family != AF_INET6))
        continue;
      add_address (take_interface (interfaces, a->ifa_name), a->ifa_addr);
    }
  freeifaddrs (all);
  return interfaces;
}
