/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this device is and whom it is paired with, kept in network_state.json of the data folder.
 * Main thread only, but for its opening, which blocks and may be done elsewhere.
 *
 * The file is replaced atomically with mode 0600; fields that we do not know are kept at every
 * level. */
#pragma once

#include <stdbool.h>

#include "net/store/secrets.h"
#include "net/store/state_document.h"
#include "net/store/state_writer.h"

G_BEGIN_DECLS

typedef struct NetworkState NetworkState;

/** Loads the state, or makes a new one. @dir and @secrets are borrowed and must outlive the result.
 *
 * A corrupt file is renamed to network_state.json.corrupt-<UTC time> and told in @warning
 * (nullable), STATE_ERROR_CORRUPT; the identity survives, the devices have to be paired again. A
 * file of a later version is an error (STATE_ERROR_NEWER) and stays as it is, and so does one that
 * cannot be read (G_FILE_ERROR_*). */
NetworkState *network_state_open (const DataDir *dir, Secrets *secrets, GError **warning,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Writes, blocking, what is still unwritten. */
void network_state_free (NetworkState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetworkState, network_state_free)

/** Ours, complete. Borrowed; the name in it changes with network_state_set_name(). */
const DeviceInfo *network_state_get_device (const NetworkState *state);
Secrets *network_state_get_secrets (const NetworkState *state);

/** What takes the state to the disk; borrowed. state_writer_flush(), on another thread, makes sure
 * of all changes made before. */
StateWriter *network_state_get_writer (const NetworkState *state);

/** A change could not be written in the background; it is tried again with the next one. */
typedef void (*NetworkStateFailed) (const GError *error, gpointer user_data);
/** Instead of a warning in the log. */
void network_state_on_failure (NetworkState *state, NetworkStateFailed failed, gpointer user_data);

/* The setters change what the getters tell at once, and do not block. */

/** @name is sanitised. Written in the background. */
void network_state_set_name (NetworkState *state, const char *name);
bool network_state_get_visible (const NetworkState *state);
/** Written in the background. */
void network_state_set_visible (NetworkState *state, bool visible);
/** Where a person wants received files; NULL when nothing was chosen. (transfer full) */
GFile *network_state_get_receive_dir (const NetworkState *state);
/** Written in the background. */
void network_state_set_receive_dir (NetworkState *state, GFile *dir);

/** (element-type PairedDevice) (transfer none) */
GPtrArray *network_state_list_paired (const NetworkState *state);
/** (nullable) (transfer none), valid until the next change of the list. */
const PairedDevice *network_state_lookup_paired (const NetworkState *state, const NodeId *id);
/** Adds the device, or brings what is known of it up to date. @address: where it was, nullable.
 * @before (transfer full): what was known, for network_state_restore_paired(); NULL when nothing
 * was. STATE_ERROR_FULL at STATE_PAIRED_MAX. Written by the next flush, which the caller sees
 * to. */
bool network_state_put_paired (NetworkState *state, const DeviceInfo *info,
                               GInetSocketAddress *address, PairedDevice **before, GError **error);
/** Takes a put back: @before (transfer full) (nullable) is what is known again. Written
 * likewise. */
void network_state_restore_paired (NetworkState *state, const NodeId *id, PairedDevice *before);
/** Written likewise. */
void network_state_remove_paired (NetworkState *state, const NodeId *id);
/** A paired device was there (@address nullable). Written within a few seconds, together with
 * others. */
void network_state_seen (NetworkState *state, const NodeId *id, GInetSocketAddress *address);
/** A paired device told its name, type and version; its device id stays. Written likewise. */
void network_state_introduced (NetworkState *state, const DeviceInfo *info);

G_END_DECLS
