/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one face of net/: what a window, a command or a D-Bus caller may ask, and the models they
 * look at. ui/ and app/ include this header of net/ and no other. Main thread only.
 *
 * WherryNode answers in the process that holds the data directory, WherryRemote asks that process
 * over D-Bus. Nothing here needs objects of it: ids, addresses, words and files are values, and the
 * models are GObjects that whoever answers makes and fills. A WherryTransfer
 * and a WherryPairingSession take their acts (accept, cancel, confirm) themselves and hand them to
 * the function or promise that was attached. */
#pragma once

#include <libdex.h>

#include "net/bus.h"
#include "net/code.h"
#include "net/discovery_advice.h"
#include "net/enum_nick.h"
#include "net/lan/discovery_state.h"
#include "net/pairing/pairing_session.h"
#include "net/peer/finding.h"
#include "net/peer/policy.h"
#include "net/received_text.h"
#include "net/transfer/transfer.h"

G_BEGIN_DECLS

#define CLIENT_DEFAULT_PORT 11204
#define CLIENT_TEXT_MAX     (128 * 1024) /* bytes of a text */

typedef struct
{
  const char *data_dir;    /* NULL: $XDG_DATA_HOME/wherry, or wherry-devel */
  const char *receive_dir; /* NULL: what was chosen before, else the Downloads folder */
  bool sandboxed;          /* no Downloads folder: until one is chosen there is none */
  uint16_t port;           /* CLIENT_DEFAULT_PORT, or 0 for any */
  bool mdns;
  bool stay_connected; /* with every paired device that is nearby */
  bool secret_service; /* keep secrets in the Secret Service when there is one; else 0600 files */
  PolicyRule accept;   /* of devices that have no policy of their own */
  bool share;          /* ask the process that runs on it, if one does and is to be found on the
                          session bus; only wherry_client_open_sync() */
} ClientOptions;

/** Every message is a sentence for the person, translated; that of wherry_client_resolve_address()
 * is a reason, to be put in one. */
typedef enum
{
  CLIENT_ERROR_LOCKED, /* another process runs on this data directory */
  CLIENT_ERROR_NOT_PAIRED,
  CLIENT_ERROR_NOT_FOUND,
  CLIENT_ERROR_OFFLINE,
  CLIENT_ERROR_INVALID, /* bad words, link, address, path, text: the message names it */
  CLIENT_ERROR_STORAGE, /* the disk did not take it */
} ClientError;

#define CLIENT_ERROR (client_error_quark ())
GQuark client_error_quark (void);

#define WHERRY_TYPE_CLIENT (wherry_client_get_type ())
G_DECLARE_INTERFACE (WherryClient, wherry_client, WHERRY, CLIENT, GObject)

/* Properties: "name" string (read-write, persisted), "visible" boolean (read-write, persisted:
 * announced on the LAN), "discovery-state" DiscoveryState.
 * Signals: "offer" (WherryTransfer *): an incoming transfer waits for an answer (policy ASK).
 *          "warning" (string): something that was changed could not be saved; a sentence for the
 *          user. "unpaired-by" (WherryDevice *): that device has unpaired this one, and is about to
 *          be forgotten here. */

struct _WherryClientInterface
{
  GTypeInterface parent_iface;

  const char *(*get_warning) (WherryClient *self);
  const DeviceInfo *(*get_device_info) (WherryClient *self);
  uint16_t (*get_port) (WherryClient *self);
  GPtrArray *(*list_addresses) (WherryClient *self);
  GFile *(*get_receive_dir) (WherryClient *self);
  void (*set_receive_dir) (WherryClient *self, GFile *dir);
  const Policy *(*get_policy) (WherryClient *self, WherryDevice *device);
  void (*set_policy) (WherryClient *self, WherryDevice *device, const Policy *policy);
  GListModel *(*get_devices) (WherryClient *self);
  WherryDevice *(*find_device) (WherryClient *self, const char *text, GError **error);
  GListModel *(*get_transfers) (WherryClient *self);
  WherryPairingSession *(*host_pairing) (WherryClient *self, GError **error);
  WherryPairingSession *(*join_pairing) (WherryClient *self, const char *code, WherryDevice *device,
                                         GPtrArray *addresses, GError **error);
  WherryTransfer *(*send) (WherryClient *self, WherryDevice *device, GPtrArray *files,
                           GPtrArray *addresses, GError **error);
  DexFuture *(*ping) (WherryClient *self, WherryDevice *device, GPtrArray *addresses);
  DexFuture *(*share_text) (WherryClient *self, WherryDevice *device, const char *text,
                            GPtrArray *addresses);
  GListModel *(*get_texts) (WherryClient *self);
  void (*dismiss_text) (WherryClient *self, WherryReceivedText *text);
  DexFuture *(*diagnose) (WherryClient *self, const char *target);
  DexFuture *(*unpair) (WherryClient *self, WherryDevice *device);
  DexFuture *(*close) (WherryClient *self);
};

/** Locks the data directory, loads or creates the identity, opens the endpoint, starts discovery.
 * Keyring and disk are waited for on another thread. Resolves to a WherryClient object, whose
 * warning is wherry_client_get_warning(); CLIENT_ERROR_LOCKED when the directory is in use. Whoever
 * discards the future early must turn the main loop until it has settled. */
DexFuture *wherry_client_open (const ClientOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/** wherry_client_open() that blocks, for the keyring's deadline at most. @warning (nullable). */
WherryClient *wherry_client_open_sync (const ClientOptions *options, char **warning,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Ends all flows, closes connections with a reason, stops threads. Resolves when nothing runs any
 * more; then unref. */
DexFuture *wherry_client_close (WherryClient *self) G_GNUC_WARN_UNUSED_RESULT;
/** The process that holds @data_dir (as in ClientOptions), as far as its lock tells; 0 when that
 * says nothing. */
int64_t wherry_client_find_holder (const char *data_dir);

/** The devices that @data_dir (as in ClientOptions) is paired with, as they were last written: at
 * once, without a network, and whoever runs on it. A device whose secret is lost is among them.
 * (transfer full) (element-type WherryDevice) */
GPtrArray *wherry_client_list_paired (const char *data_dir, GError **error);

/** What was set aside or could not be read when it was opened. (nullable) */
const char *wherry_client_get_warning (WherryClient *self);
const DeviceInfo *wherry_client_get_device_info (WherryClient *self);
const NodeId *wherry_client_get_id (WherryClient *self);
/** The node id in hexadecimal digits; CLIENT_ID_SHORT of them are enough to show. (transfer
 * full) */
char *wherry_client_dup_id (WherryClient *self);
#define CLIENT_ID_SHORT 10
const char *wherry_client_get_name (WherryClient *self);
void wherry_client_set_name (WherryClient *self, const char *name);
bool wherry_client_get_visible (WherryClient *self);
void wherry_client_set_visible (WherryClient *self, bool visible);
DiscoveryState wherry_client_get_discovery_state (WherryClient *self);
uint16_t wherry_client_get_port (WherryClient *self);
/** (element-type GInetSocketAddress) (transfer full) */
GPtrArray *wherry_client_list_addresses (WherryClient *self);
/** Where accepted files go; NULL until one is chosen, in a sandbox. (transfer none) (nullable) */
GFile *wherry_client_get_receive_dir (WherryClient *self);
/** Is remembered, whatever ClientOptions said. */
void wherry_client_set_receive_dir (WherryClient *self, GFile *dir);
/** What is done with the offers of @device; NULL: of all that have no policy of their own, which
 * begins as @accept of ClientOptions. Valid until the next change. (transfer none) */
const Policy *wherry_client_get_policy (WherryClient *self, WherryDevice *device);
/** Copied; NULL: @device has that of all again. Kept in memory, until the device is unpaired or the
 * process ends. No window and no command sets it yet. */
void wherry_client_set_policy (WherryClient *self, WherryDevice *device, const Policy *policy);

/** WherryDevice rows, paired and nearby. (transfer none) */
GListModel *wherry_client_get_devices (WherryClient *self);
/** By wherry_device_get_id(). (transfer none) (nullable) */
WherryDevice *wherry_client_lookup_device (WherryClient *self, const char *id);
/** As a person names it: by node id, a unique start of it, device id, or name.
 * CLIENT_ERROR_NOT_FOUND when there is not exactly one. (transfer none) */
WherryDevice *wherry_client_find_device (WherryClient *self, const char *text, GError **error);
/** WherryTransfer rows of this session, newest first. (transfer none) */
GListModel *wherry_client_get_transfers (WherryClient *self);

/** Shows a code: one at a time; a second call returns the running session. (transfer full) */
WherryPairingSession *wherry_client_host_pairing (WherryClient *self, GError **error);
/** Enters a code. @code is three words (any case, separated by anything but letters) or a
 * wherry://pair link. For words: @device (nullable) or @addresses (nullable, element-type
 * GInetSocketAddress, all of one device) says whom; with neither, every nearby device that
 * announces an open pairing is tried when there is exactly one. CLIENT_ERROR_INVALID names a word
 * that is not in the list, before anything is sent. (transfer full) */
WherryPairingSession *wherry_client_join_pairing (WherryClient *self, const char *code,
                                                  WherryDevice *device, GPtrArray *addresses,
                                                  GError **error);

/** Offers @files (element-type GFile) to a paired device. The transfer appears in the list at once
 * and reports every later failure itself. @addresses (nullable, element-type GInetSocketAddress):
 * these are dialled first, each a little later than the one before. (transfer none) */
WherryTransfer *wherry_client_send (WherryClient *self, WherryDevice *device, GPtrArray *files,
                                    GPtrArray *addresses, GError **error);

/** Round trip of an application Ping, @addresses as for wherry_client_send(): resolves to an int64
 * of microseconds. */
DexFuture *wherry_client_ping (WherryClient *self, WherryDevice *device, GPtrArray *addresses);
/** Sends @text, CLIENT_TEXT_MAX of UTF-8 at most, to a paired device, @addresses as for
 * wherry_client_send(). It is kept on the disk until the device has taken it, for a week at most,
 * also when the process ends: then resolves to TRUE. Discarding the future changes nothing.
 * CLIENT_ERROR_INVALID, CLIENT_ERROR_NOT_PAIRED and CLIENT_ERROR_STORAGE when it was not even kept,
 * CLIENT_ERROR_OFFLINE when it was given up. */
DexFuture *wherry_client_share_text (WherryClient *self, WherryDevice *device, const char *text,
                                     GPtrArray *addresses);
/** WherryReceivedText objects that nobody has seen yet, oldest first, kept across restarts. A
 * device of which too many wait can send no more. (transfer none) */
GListModel *wherry_client_get_texts (WherryClient *self);
/** Somebody has seen it: it is forgotten. */
void wherry_client_dismiss_text (WherryClient *self, WherryReceivedText *text);
/** What keeps other devices from this one, or from finding it, and what to do about it: resolves to
 * a GPtrArray (element-type Finding). @target (nullable): a device as for
 * wherry_client_find_device(), or HOST[:PORT]; whether it answers is told instead of whether all
 * paired devices do. CLIENT_ERROR_NOT_FOUND when it is neither. */
DexFuture *wherry_client_diagnose (WherryClient *self,
                                   const char *target) G_GNUC_WARN_UNUSED_RESULT;
/** Forgets the device and closes its connections before it returns; the device is told by that, and
 * by a connection that is made for it if it can be reached. Rejects when the disk did not take
 * it. */
DexFuture *wherry_client_unpair (WherryClient *self, WherryDevice *device);

/** All addresses of HOST[:PORT], IPv6 and IPv4, looked up without blocking: resolves to a GPtrArray
 * (element-type GInetSocketAddress) that is not empty. CLIENT_ERROR_INVALID when @text has another
 * form, CLIENT_ERROR_NOT_FOUND when the name has no address; the message is then the reason, to be
 * put in a sentence. */
DexFuture *wherry_client_resolve_address (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/** Whether this process sees only the files that the person chose. */
bool wherry_client_is_sandboxed (void);
/** The path of @file for people, whose folders have other paths in a sandbox. (transfer full) */
char *wherry_client_dup_shown_path (GFile *file);
/** "192.0.2.7:11204" or "[2001:db8::7]:11204". (transfer full) */
char *wherry_client_format_address (GInetSocketAddress *address);

G_END_DECLS
