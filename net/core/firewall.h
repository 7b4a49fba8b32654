/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rules of a firewall do with the first datagram that another host on the network sends to
 * a UDP port of this one. Only the texts are looked at; who reads them is net/peer/firewall_probe.
 *
 * Rules may ask for what cannot be known here (who sends, on which interface, what a set holds):
 * where that would decide, the verdict is UNKNOWN. Only IPv4 is looked at where a program keeps its
 * rules apart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  FIREWALL_UNKNOWN,
  FIREWALL_OPEN,
  FIREWALL_CLOSED,
} FirewallVerdict;

/** @settings: of a zone or a service, a{sv}, as firewalld's getZoneSettings2() and
 * getServiceSettings2() return them. The services of a zone are to be asked too: it is open when
 * one of them is. UNKNOWN when it is another type, or a zone with rules of its own language. */
FirewallVerdict firewall_firewalld (GVariant *settings, uint16_t port);

/** @configuration: /etc/ufw/ufw.conf. */
bool firewall_ufw_is_enabled (const char *configuration);
/** @defaults: /etc/default/ufw, @rules: /etc/ufw/user.rules. */
FirewallVerdict firewall_ufw (const char *defaults, const char *rules, uint16_t port);

/** @ruleset: what `nft --json list ruleset` prints. UNKNOWN when it is none, or more than can be
 * gone through. */
FirewallVerdict firewall_nftables (const char *ruleset, uint16_t port);

G_END_DECLS
