/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this device is and whom it is paired with, kept in network_state.json of the data folder. Main thread only.
 *
 * The file is replaced atomically with mode 0600; fields that we do not know are kept at every level. */
#pragma once

#include "net/store/secrets.h"
#include "net/store/state_document.h"

G_BEGIN_DECLS

typedef struct NetworkState NetworkState;

/** Loads the state, or makes a new one. @dir and @secrets are borrowed and must outlive the result.
 *
 * A corrupt file is renamed to network_state.json.corrupt-<UTC time> and told in @warning (nullable; transfer full), a sentence
 * for the user; the identity survives, the devices have to be paired again. A file of a later version is an error
 * (STATE_ERROR_NEWER) and stays as it is, and so does one that cannot be read (G_FILE_ERROR_*). */
NetworkState *network_state_open (const DataDir *dir, Secrets *secrets, char **warning,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Writes what network_state_seen() left unwritten. */
void network_state_free (NetworkState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetworkState, network_state_free)

/** Ours, complete. Borrowed; the name in it changes with network_state_set_name(). */
const DeviceInfo *network_state_get_device (const NetworkState *state);
Secrets *network_state_get_secrets (const NetworkState *state);

/* The setters write before they return; when that fails, nothing has changed. */

/** @name is sanitised. */
gboolean network_state_set_name (NetworkState *state, const char *name, GError **error);
gboolean network_state_get_visible (const NetworkState *state);
gboolean network_state_set_visible (NetworkState *state, gboolean visible, GError **error);

/** (element-type PairedDevice) (transfer none) */
GPtrArray *network_state_list_paired (const NetworkState *state);
/** (nullable) (transfer none), valid until the next change of the list. */
const PairedDevice *network_state_lookup_paired (const NetworkState *state, const NodeId *id);
/** Adds the device, or brings what is known of it up to date. @address: where it was, nullable. STATE_ERROR_FULL at STATE_PAIRED_MAX. */
gboolean network_state_put_paired (NetworkState *state, const DeviceInfo *info,
                                   GInetSocketAddress *address, GError **error);
gboolean network_state_remove_paired (NetworkState *state, const NodeId *id, GError **error);
/** A paired device was there (@address nullable). Written within a few seconds, together with others. */
void network_state_seen (NetworkState *state, const NodeId *id, GInetSocketAddress *address);

/** Relay URLs, preferred first. (transfer none) */
const char *const *network_state_get_relays (const NetworkState *state);
gboolean network_state_set_relays (NetworkState *state, const char *const *relays, GError **error);

G_END_DECLS
