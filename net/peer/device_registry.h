/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The single source of truth about devices: a GListModel of WherryDevice (paired and nearby),
 * persisted in network_state.json. State changes go through core/device_state's one transition
 * function. Main thread only. */
#pragma once

#include "net/peer/device_find.h"
#include "net/store/network_state.h"

G_BEGIN_DECLS

/* Rows for devices that are not paired: a network of liars must not fill our memory. */
#define REGISTRY_NEARBY_MAX         256
#define WHERRY_TYPE_DEVICE_REGISTRY (wherry_device_registry_get_type ())
G_DECLARE_FINAL_TYPE (WherryDeviceRegistry, wherry_device_registry, WHERRY, DEVICE_REGISTRY,
                      GObject)

/** @state is shared and outlives the registry; paired devices in it become rows at once. One whose
 * secret is lost becomes a row that needs pairing and is not paired. Does not block. */
WherryDeviceRegistry *wherry_device_registry_new (NetworkState *state);

/** The paired devices of a data folder that somebody may run on: see state_file_peek(). Whether
 * their secrets are there is not looked at. (transfer full) (element-type WherryDevice) */
GPtrArray *device_registry_peek (const char *data_dir, GError **error);

/** (transfer none) (nullable) */
WherryDevice *wherry_device_registry_lookup (WherryDeviceRegistry *self, const NodeId *id);
/** See device_find(). (transfer none) */
WherryDevice *wherry_device_registry_find (WherryDeviceRegistry *self, const char *text,
                                           GError **error);

/** Discovery: the device appeared or changed. @addresses: (element-type GInetSocketAddress). The
 * name and type of a paired device are not touched; our own id is ignored; an unpaired device
 * beyond REGISTRY_NEARBY_MAX is not taken up. */
void wherry_device_registry_discovered (WherryDeviceRegistry *self, const NodeId *id,
                                        const char *name, DeviceType type, bool pairing_open,
                                        GPtrArray *addresses);
/** Discovery: it left. An unpaired row goes; a paired one stays. */
void wherry_device_registry_vanished (WherryDeviceRegistry *self, const NodeId *id);

/** Pairing began / ended without result. Nothing happens for a device that has no row. */
void wherry_device_registry_pairing (WherryDeviceRegistry *self, const NodeId *id, bool active);
/** The pairing is stored: the row is paired from now on. @root: PAIRING_ROOT_LEN bytes of sodium
 * memory, copied. (transfer none) */
WherryDevice *wherry_device_registry_paired (WherryDeviceRegistry *self, const DeviceInfo *info,
                                             const uint8_t *root);
/** The pairing is forgotten; the row goes unless the device is nearby. */
void wherry_device_registry_unpaired (WherryDeviceRegistry *self, const NodeId *id);
/** The pairing root, borrowed sodium memory; NULL when not paired. */
const uint8_t *wherry_device_registry_get_root (WherryDeviceRegistry *self, const NodeId *id);

/** A device told its name, type and version, which a paired one keeps. Its device id stays that of
 * the pairing: it names the device to people and scripts here. */
void wherry_device_registry_introduced (WherryDeviceRegistry *self, const DeviceInfo *info);

/** Connection news of paired devices: call once for each connection that came up, and once when it
 * is gone; the state follows the first and the last. @address: where the peer is, nullable. */
void wherry_device_registry_connected (WherryDeviceRegistry *self, const NodeId *id,
                                       GInetSocketAddress *address);
void wherry_device_registry_disconnected (WherryDeviceRegistry *self, const NodeId *id);
void wherry_device_registry_measured (WherryDeviceRegistry *self, const NodeId *id, int64_t rtt_us);

G_END_DECLS
