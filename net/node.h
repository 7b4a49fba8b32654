/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This device on the network: owns and wires endpoint, discovery, store and flows; decides nothing.
 * Main thread only. */
#pragma once

#include <libdex.h>

#include "net/pairing/pairing_session.h"
#include "net/transfer/transfer.h"
#include "net/lan/discovery.h"
#include "net/quic/endpoint.h"
#include "net/peer/device_registry.h"
#include "net/peer/policy.h"

G_BEGIN_DECLS

typedef struct
{
  const char *data_dir;    /* NULL: $XDG_DATA_HOME/wherry */
  const char *receive_dir; /* NULL: the Downloads folder */
  uint16_t port;           /* QUIC_DEFAULT_PORT, or 0 for any */
  bool mdns;
  bool secret_service; /* keep secrets in the Secret Service when there is one; else 0600 files */
  PolicyRule accept;   /* of devices that have no policy of their own */
} NodeOptions;

typedef enum
{
  NODE_ERROR_LOCKED, /* another process runs on this data directory */
  NODE_ERROR_NOT_PAIRED,
  NODE_ERROR_NOT_FOUND,
  NODE_ERROR_OFFLINE,
  NODE_ERROR_INVALID, /* bad words, link, address, path: the message names it */
} NodeError;

#define NODE_ERROR (node_error_quark ())
GQuark node_error_quark (void);

#define WHERRY_TYPE_NODE (wherry_node_get_type ())
G_DECLARE_FINAL_TYPE (WherryNode, wherry_node, WHERRY, NODE, GObject)

/* Properties: "name" string (read-write, persisted), "visible" boolean (read-write, persisted:
 * announced on the LAN), "discovery-state" DiscoveryState.
 * Signals: "offer" (WherryTransfer *): an incoming transfer waits for an answer (policy ASK).
 *          "warning" (string): something that was changed could not be saved; a sentence for the
 *          user. "unpaired-by" (WherryDevice *): that device has unpaired this one, and is about to
 *          be forgotten here. */

/** Locks the data directory, loads or creates the identity, opens the endpoint, starts discovery.
 * Blocks for the keyring's deadline at most. NODE_ERROR_LOCKED when the directory is in use; a
 * set-aside corrupt state file is told in @warning (nullable). */
WherryNode *wherry_node_new (const NodeOptions *options, char **warning,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** wherry_node_new() that does not block: keyring and disk are waited for on another thread.
 * Resolves to a WherryNode object, whose warning is wherry_node_get_warning(). Whoever discards the
 * future early must turn the main loop until it has settled. */
DexFuture *wherry_node_open (const NodeOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/** (nullable) */
const char *wherry_node_get_warning (WherryNode *self);
/** Ends all flows, closes connections with a reason, stops threads. Resolves when nothing runs any
 * more; then unref. */
DexFuture *wherry_node_close (WherryNode *self) G_GNUC_WARN_UNUSED_RESULT;

const NodeId *wherry_node_get_id (WherryNode *self);
const DeviceInfo *wherry_node_get_device_info (WherryNode *self);
const char *wherry_node_get_name (WherryNode *self);
void wherry_node_set_name (WherryNode *self, const char *name);
gboolean wherry_node_get_visible (WherryNode *self);
void wherry_node_set_visible (WherryNode *self, gboolean visible);
uint16_t wherry_node_get_port (WherryNode *self);
/** (element-type GInetSocketAddress) (transfer full) */
GPtrArray *wherry_node_list_addresses (WherryNode *self);
GFile *wherry_node_get_receive_dir (WherryNode *self);
void wherry_node_set_receive_dir (WherryNode *self, GFile *dir);
/** What is done with the offers of @device; NULL: of all that have no policy of their own. Valid
 * until the next change. (transfer none) */
const Policy *wherry_node_get_policy (WherryNode *self, WherryDevice *device);
/** Copied; NULL: @device has that of all again. It lasts until the device is unpaired, or the
 * program ends. */
void wherry_node_set_policy (WherryNode *self, WherryDevice *device, const Policy *policy);

/** WherryDevice rows, paired and nearby. (transfer none) */
WherryDeviceRegistry *wherry_node_get_devices (WherryNode *self);
/** WherryTransfer rows of this session, newest first. (transfer none) */
GListModel *wherry_node_get_transfers (WherryNode *self);

/** Shows a code: one at a time; a second call returns the running session. (transfer full) */
WherryPairingSession *wherry_node_host_pairing (WherryNode *self, GError **error);
/** Enters a code. @code is three words (any case, separated by anything but letters) or a
 * wherry://pair link. For words: @device (nullable) or @addresses (nullable, element-type
 * GInetSocketAddress, all of one device) says whom; with neither, every nearby device that
 * announces an open pairing is tried when there is exactly one. NODE_ERROR_INVALID names a word
 * that is not in the list, before anything is sent. (transfer full) */
WherryPairingSession *wherry_node_join_pairing (WherryNode *self, const char *code,
                                                WherryDevice *device, GPtrArray *addresses,
                                                GError **error);

/** Offers @files (element-type GFile) to a paired device. The transfer appears in the list at once
 * and reports every later failure itself. @addresses (nullable, element-type GInetSocketAddress):
 * these are dialled first, each a little later than the one before. (transfer none) */
WherryTransfer *wherry_node_send (WherryNode *self, WherryDevice *device, GPtrArray *files,
                                  GPtrArray *addresses, GError **error);

/** Round trip of an application Ping, @addresses as for wherry_node_send(): resolves to an int64 of
 * microseconds. */
DexFuture *wherry_node_ping (WherryNode *self, WherryDevice *device, GPtrArray *addresses);
/** Forgets the device and closes its connections before it returns; the device is told by that, or
 * by a connection that is made for it if it can be reached. Rejects when the disk did not take
 * it. */
DexFuture *wherry_node_unpair (WherryNode *self, WherryDevice *device);

G_END_DECLS
