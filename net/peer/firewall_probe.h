/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the firewall of this computer, whichever it is, about a UDP port. */
#pragma once

#include "net/core/firewall.h"

G_BEGIN_DECLS

#define FIREWALL_PROBE_MS 3000 /* for each answer of firewalld */

typedef enum
{
  FIREWALL_NONE, /* none was found */
  FIREWALL_FIREWALLD,
  FIREWALL_UFW,
  FIREWALL_NFTABLES,
} FirewallProgram;

typedef struct
{
  FirewallProgram program;
  FirewallVerdict verdict; /* UNKNOWN also when we may not read its rules */
  bool unreadable;
  char *zone; /* (owned) (nullable) of firewalld: the one that decides */
} FirewallProbe;

/** The first that runs, in the order of FirewallProgram. @interfaces (element-type Interface): all
 * of them must let @port in. Blocks. */
void firewall_probe (FirewallProbe *probe, uint16_t port, GPtrArray *interfaces);
void firewall_probe_clear (FirewallProbe *probe);

G_END_DECLS
