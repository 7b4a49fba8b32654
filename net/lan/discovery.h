/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds Wherry devices on the local network and announces this one, by Avahi (mDNS, DNS-SD). Main
 * thread only.
 *
 * It heals by itself: when avahi-daemon or the system bus is missing, stops or comes back, the
 * state says so and everything is announced and looked for again. */
#pragma once

#include "net/lan/discovery_state.h"
#include "net/lan/service.h"

G_BEGIN_DECLS

#define WHERRY_TYPE_DISCOVERY (wherry_discovery_get_type ())
G_DECLARE_FINAL_TYPE (WherryDiscovery, wherry_discovery, WHERRY, DISCOVERY, GObject)

/* Property "state": DiscoveryState, readable, notified on change.
 * Signals, for each device but this one:
 *   "found" (WherryService *service)  it appeared, or something about it changed
 *   "lost"  (WherryService *service)  it left, or discovery did
 */

/** @info: this device; copied. @port: its UDP port. Nothing happens before
 * wherry_discovery_start(). */
WherryDiscovery *wherry_discovery_new (const DeviceInfo *info, uint16_t port);
void wherry_discovery_start (WherryDiscovery *self);
/** Withdraws the announcement and loses all services. May be started again. Not from inside "found"
 * or "lost". */
void wherry_discovery_stop (WherryDiscovery *self);

DiscoveryState wherry_discovery_get_state (WherryDiscovery *self);

/* What is announced; before or while it runs. */

/** Default true. */
void wherry_discovery_set_visible (WherryDiscovery *self, bool visible);
/** Sanitised. The old name disappears once the new one is established; other devices see one
 * change. */
void wherry_discovery_set_name (WherryDiscovery *self, const char *name);
/** Whether a pairing code is being shown. */
void wherry_discovery_set_pairing_open (WherryDiscovery *self, bool pairing_open);

G_END_DECLS
