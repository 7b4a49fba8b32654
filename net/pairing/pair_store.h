/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairings on their way to the keyring and the disk, one after the other, without the main thread
 * waiting for either. */
#pragma once

#include "net/peer/device_registry.h"

G_BEGIN_DECLS

typedef struct PairStore PairStore;

/** Both are borrowed and outlive it. */
PairStore *pair_store_new (NetworkState *state, WherryDeviceRegistry *registry);
/** No fiber may be inside. */
void pair_store_free (PairStore *store);

/* On a fiber. They end what they have begun even when the fiber is cancelled. */

/** Returns the device when it and its root are stored durably. On failure everything is as before.
 * @root: PAIRING_ROOT_LEN bytes of sodium memory that live until then. @earlier_root (optional;
 * nullable; sodium memory, transfer full): of the pairing that this one replaces. (transfer
 * full) */
WherryDevice *pair_store_put (PairStore *store, const DeviceInfo *info, const uint8_t *root,
                              GInetSocketAddress *address, uint8_t **earlier_root, GError **error);
/** After pair_store_put(), when the other side has not stored its half: the pairing of
 * @earlier_root is back, or when that is NULL there is none. */
bool pair_store_take_back (PairStore *store, const DeviceInfo *info, const uint8_t *earlier_root,
                           GError **error);
/** Forgets the device at once, and returns when the disk has forgotten it and its root too; true
 * also when there was none. On failure the secret could not be removed: it belongs to no device any
 * more. */
bool pair_store_remove (PairStore *store, const NodeId *id, GError **error);

/** Anywhere: what pair_store_remove() does at once. It must follow. */
void pair_store_forget (PairStore *store, const NodeId *id);

G_END_DECLS
