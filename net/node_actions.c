/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/node_private.h"

#include <glib/gi18n-lib.h>

#include "net/peer/connect.h"
#include "net/pairing/pair_join.h"
#include "net/transfer/send.h"
#include "net/peer/sentences.h"

/* For reaching a device that was unpaired, to tell it; an absent one learns it when it is
 * refused. */
#define NODE_TELL_UNPAIRED_S 3

static bool
is_running (WherryNode *self, GError **error)
{
  if (!self->closed)
    return true;
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_OFFLINE, _ ("Wherry is closing."));
  return false;
}

static void
hosting_changed_cb (WherryNode *self)
{
  if (self->discovery)
    wherry_discovery_set_pairing_open (self->discovery, pair_host_get_session (self->host) != NULL);
}

GPtrArray *
node_list_addresses (WherryNode *self)
{
  return self->endpoint ? quic_endpoint_list_addresses (self->endpoint)
                        : g_ptr_array_new_with_free_func (g_object_unref);
}

static WherryPairingSession *
host_pairing (WherryClient *client, GError **error)
{
  WherryNode *self = WHERRY_NODE (client);
  if (!is_running (self, error))
    return NULL;
  bool running = pair_host_get_session (self->host);
  g_autoptr (GPtrArray) addresses = node_list_addresses (self);
  WherryPairingSession *session = pair_host_open (self->host, addresses);
  if (!running)
    {
      g_signal_connect_object (session, "notify::phase", G_CALLBACK (hosting_changed_cb), self,
                               G_CONNECT_SWAPPED);
      hosting_changed_cb (self);
    }
  return session;
}

static WherryPairingSession *
join_pairing (WherryClient *client, const char *code, WherryDevice *device, GPtrArray *addresses,
              GError **error)
{
  WherryNode *self = WHERRY_NODE (client);
  g_autoptr (GError) local = NULL;
  if (!is_running (self, error))
    return NULL;
  PairTarget *target = pair_target_new (code, device, addresses, self->registry, &local);
  if (!target)
    {
      bool nobody = g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_autofree char *sentence = sentence_for_error (local);
      g_set_error_literal (error, CLIENT_ERROR,
                           nobody ? CLIENT_ERROR_NOT_FOUND : CLIENT_ERROR_INVALID, sentence);
      return NULL;
    }
  if (self->joining)
    wherry_pairing_session_cancel (self->joining);
  g_clear_object (&self->joining);
  self->joining = pair_join_start (&self->self, self->endpoint, self->polite_flows, target);
  return g_object_ref (self->joining);
}

static WherryTransfer *
send_files (WherryClient *client, WherryDevice *device, GPtrArray *files, GPtrArray *addresses,
            GError **error)
{
  WherryNode *self = WHERRY_NODE (client);
  if (!is_running (self, error))
    return NULL;
  if (!wherry_device_get_paired (device))
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_NOT_PAIRED,
                   _ ("%s is not paired with this device. Pair the two first."),
                   wherry_device_get_name (device));
      return NULL;
    }
  if (files->len == 0)
    {
      g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_INVALID,
                           _ ("There is nothing to send."));
      return NULL;
    }
  g_autoptr (WherryTransfer) transfer = transfer_send_new (device, files);
  g_list_store_insert (self->transfers, 0, transfer);
  DexFuture *connecting =
      pool_dial (self->connections, wherry_device_get_node_id (device), TRANSFER_ALPN, addresses);
  flow_set_watch (self->polite_flows, "send",
                  transfer_send_start (transfer, connecting, OFFER_EXPIRY_MS, &self->breaches));
  return transfer;
}

static DexFuture *
explain_cb (DexFuture *future, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  dex_future_get_value (future, &error);
  if (flow_was_cancelled (error))
    return dex_ref (future);
  bool refused = g_error_matches (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED);
  return dex_future_new_for_error (g_error_new_literal (
      CLIENT_ERROR, refused ? CLIENT_ERROR_NOT_PAIRED : CLIENT_ERROR_OFFLINE, error->message));
}

static DexFuture *
ping (WherryClient *client, WherryDevice *device, GPtrArray *addresses)
{
  WherryNode *self = WHERRY_NODE (client);
  GError *error = NULL;
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  return dex_future_catch (
      messages_ping (self->messages, wherry_device_get_node_id (device), addresses), explain_cb,
      NULL, NULL);
}

/* A device that was forgotten and shall learn it. */
typedef struct
{
  WherryNode *node; /* (owned) */
  NodeId id;
  GPtrArray *addresses; /* (owned) (element-type GInetSocketAddress) */
} Farewell;

static void
farewell_free (gpointer data)
{
  Farewell *farewell = data;
  g_object_unref (farewell->node);
  g_ptr_array_unref (farewell->addresses);
  g_free (farewell);
}

/* The close code says all; the keys of the pairing are gone. */
static DexFuture *
tell_unpaired_fiber (gpointer user_data)
{
  Farewell *farewell = user_data;
  WherryNode *self = farewell->node;
  g_autoptr (GError) error = NULL;
  g_autoptr (QuicConnection) connection = flow_await_boxed (
      flow_within (connect_race (self->endpoint, self->polite_flows, &farewell->id, NULL,
                                 MESSAGES_ALPN, farewell->addresses),
                   NODE_TELL_UNPAIRED_S),
      &error);
  if (!connection)
    return dex_future_new_for_error (g_steal_pointer (&error));
  bool paired_anew = wherry_device_registry_get_root (self->registry, &farewell->id);
  quic_connection_close (connection, paired_anew ? QUIC_CODE_OK : QUIC_CODE_UNPAIRED, "unpaired");
  return dex_future_new_true ();
}

typedef struct
{
  WherryNode *node; /* (owned) */
  NodeId id;
} Unpairing;

static void
unpairing_free (gpointer data)
{
  Unpairing *unpairing = data;
  g_object_unref (unpairing->node);
  g_free (unpairing);
}

static DexFuture *
unpair_fiber (gpointer user_data)
{
  Unpairing *unpairing = user_data;
  GError *error = NULL;
  if (!pair_store_remove (unpairing->node->pairings, &unpairing->id, &error))
    {
      g_info ("%s", error->message);
      error_take_sentence (error);
      return dex_future_new_for_error (error);
    }
  return dex_future_new_true ();
}

static DexFuture *
unpair (WherryClient *client, WherryDevice *device)
{
  WherryNode *self = WHERRY_NODE (client);
  GError *error = NULL;
  /* Nothing is forgotten that could not be removed from the disk too. */
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  NodeId id = *wherry_device_get_node_id (device);
  g_autoptr (GPtrArray) addresses = wherry_device_list_addresses (device);
  bool paired = wherry_device_registry_get_root (self->registry, &id);
  pair_store_forget (self->pairings, &id);
  messages_forget (self->messages, &id);
  policy_table_reset (self->policies, &id);
  pool_close (self->connections, &id, QUIC_CODE_UNPAIRED, "unpaired");
  /* Dialled even when there was a connection to close: a close is not acknowledged, and a peer that
   * closed the connection itself at the same moment does not hear ours. */
  if (paired)
    {
      Farewell *farewell = g_new (Farewell, 1);
      *farewell = (Farewell) { g_object_ref (self), id, g_steal_pointer (&addresses) };
      dex_future_disown (flow_set_start (self->polite_flows, "farewell", tell_unpaired_fiber,
                                         farewell, farewell_free));
    }
  Unpairing *unpairing = g_new (Unpairing, 1);
  *unpairing = (Unpairing) { .node = g_object_ref (self), .id = id };
  return flow_set_start (self->flows, "unpair", unpair_fiber, unpairing, unpairing_free);
}

static WherryDevice *
find_device (WherryClient *client, const char *text, GError **error)
{
  g_autoptr (GError) missing = NULL;
  WherryDevice *device =
      wherry_device_registry_find (WHERRY_NODE (client)->registry, text, &missing);
  if (!device)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, missing->message);
  return device;
}

void
node_install_actions (WherryClientInterface *iface)
{
  iface->find_device = find_device;
  iface->host_pairing = host_pairing;
  iface->join_pairing = join_pairing;
  iface->send = send_files;
  iface->ping = ping;
  iface->unpair = unpair;
}
