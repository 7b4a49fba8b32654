/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry's side of WherryDevice: nobody else changes one. Each setter notifies what really
 * changed. */
#pragma once

#include "net/core/session.h"
#include "net/peer/device.h"
#include "net/store/state_document.h"

G_BEGIN_DECLS

WherryDevice *device_new (const NodeId *id, DeviceState initial);

/** Takes name, type and id over from what the device proved or the store knows. */
void device_set_info (WherryDevice *self, const DeviceInfo *info);
/** Known addresses and the time of the last meeting. */
void device_set_history (WherryDevice *self, const PairedDevice *paired);
/** @root is copied into sodium memory; NULL wipes. */
void device_set_root (WherryDevice *self, const uint8_t *root);
const uint8_t *device_get_root (WherryDevice *self);

void device_set_needs_pairing (WherryDevice *self, bool needs_pairing);

/** @name (nullable) and @type are the announcement's, and count only while the device is not known
 * from a pairing. */
void device_set_nearby (WherryDevice *self, const char *name, DeviceType type, bool pairing_open,
                        GPtrArray *addresses);
void device_set_gone (WherryDevice *self);
void device_set_rtt (WherryDevice *self, int64_t rtt_us);
/** core/device_state decides; an event without an edge is logged and changes nothing. */
bool device_advance (WherryDevice *self, DeviceEvent event);

G_END_DECLS
