/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One device as the window and the command line see it: a row of the DeviceRegistry. Main thread
 * only. */
#pragma once

#include <gio/gio.h>

#include "net/core/device_info.h"
#include "net/core/device_state.h"

G_BEGIN_DECLS

/** Nicks are those of device_type_name() and device_state_name(). */
#define WHERRY_TYPE_DEVICE_TYPE (wherry_device_type_get_type ())
GType wherry_device_type_get_type (void);
#define WHERRY_TYPE_DEVICE_STATE (wherry_device_state_get_type ())
GType wherry_device_state_get_type (void);

#define WHERRY_TYPE_DEVICE (wherry_device_get_type ())
G_DECLARE_FINAL_TYPE (WherryDevice, wherry_device, WHERRY, DEVICE, GObject)

/* Properties, all readable, notified on change, set only by the registry:
 *   "id"           string   the node id in hexadecimal digits; never changes
 *   "name"         string   sanitised, for people; never markup
 *   "device-type"  DeviceType
 *   "state"        DeviceState
 *   "paired"       boolean
 *   "needs-pairing" boolean it was paired, and the secret shared with it is lost; then it is not
 *   "paired"
 *   "nearby"       boolean  seen by discovery right now
 *   "pairing-open" boolean  it announces that it shows a pairing code
 *   "rtt-us"       int64    smoothed round trip of the live connection, 0 when unknown
 *   "last-seen"    int64    Unix seconds, 0 never
 */
const char *wherry_device_get_id (WherryDevice *self);
const NodeId *wherry_device_get_node_id (WherryDevice *self);
/** The UUID from its DeviceInfo; NULL until it told us (discovery does not carry it). */
const char *wherry_device_get_device_id (WherryDevice *self);
const char *wherry_device_get_name (WherryDevice *self);
DeviceType wherry_device_get_device_type (WherryDevice *self);
DeviceState wherry_device_get_state (WherryDevice *self);
bool wherry_device_get_paired (WherryDevice *self);
bool wherry_device_get_needs_pairing (WherryDevice *self);
bool wherry_device_get_nearby (WherryDevice *self);
bool wherry_device_get_pairing_open (WherryDevice *self);
int64_t wherry_device_get_rtt_us (WherryDevice *self);
int64_t wherry_device_get_last_seen (WherryDevice *self);
/** Where it may be reached, best first: discovered now, then last known.
 * Returns: (transfer container) (element-type GInetSocketAddress) */
GPtrArray *wherry_device_list_addresses (WherryDevice *self);

G_END_DECLS
