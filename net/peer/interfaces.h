/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of this computer, as a person hears of them. Any thread. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char name[IF_NAMESIZE];
  guint mtu;            /* bytes of a packet; 0 when the kernel does not say */
  bool tunnel;          /* nothing of Ethernet below it: WireGuard, a tun of OpenVPN, PPP, … */
  GPtrArray *addresses; /* (owned) (element-type utf8) "192.0.2.7", "fe80::1%eth0" */
} Interface;

/** Those that are up and have an address, but the loopback. (transfer full) (element-type
 * Interface) */
GPtrArray *interfaces_list (void);

G_END_DECLS
