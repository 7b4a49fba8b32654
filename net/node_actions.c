/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/node_private.h"

#include <glib/gi18n-lib.h>

#include "net/pairing/pair_join.h"
#include "net/transfer/control_channel.h"
#include "net/transfer/send.h"
#include "net/peer/sentences.h"

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

static GPtrArray *
list_addresses (WherryClient *client)
{
  WherryNode *self = node_of (client);
  return self->endpoint ? quic_endpoint_list_addresses (self->endpoint)
                        : g_ptr_array_new_with_free_func (g_object_unref);
}

static WherryPairingSession *
host_pairing (WherryClient *client, GError **error)
{
  WherryNode *self = node_of (client);
  if (!is_running (self, error))
    return NULL;
  bool running = pair_host_get_session (self->host);
  g_autoptr (GPtrArray) addresses = list_addresses (client);
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
  WherryNode *self = node_of (client);
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
  self->joining = pair_join_start (&self->pair_self, self->endpoint, self->goodbye_flows, target);
  return g_object_ref (self->joining);
}

static WherryTransfer *
send_files (WherryClient *client, WherryDevice *device, GPtrArray *files, GPtrArray *addresses,
            GError **error)
{
  WherryNode *self = node_of (client);
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
      pool_dial (self->pool, wherry_device_get_node_id (device), TRANSFER_ALPN, addresses);
  flow_set_watch (self->goodbye_flows, "send",
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
  WherryNode *self = node_of (client);
  GError *error = NULL;
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  return dex_future_catch (
      messages_ping (self->messages, wherry_device_get_node_id (device), addresses), explain_cb,
      NULL, NULL);
}

static DexFuture *
share_text (WherryClient *client, WherryDevice *device, const char *text, GPtrArray *addresses)
{
  WherryNode *self = node_of (client);
  GError *error = NULL;
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  return node_share_text (self, device, text, addresses);
}

static DexFuture *
diagnose (WherryClient *client, const char *target)
{
  WherryNode *self = node_of (client);
  GError *error = NULL;
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  return node_diagnose (self, target);
}

static DexFuture *
unpair (WherryClient *client, WherryDevice *device)
{
  WherryNode *self = node_of (client);
  GError *error = NULL;
  if (!is_running (self, &error))
    return dex_future_new_for_error (error);
  return node_unpair (self, device);
}

static WherryDevice *
find_device (WherryClient *client, const char *text, GError **error)
{
  g_autoptr (GError) missing = NULL;
  WherryDevice *device = wherry_device_registry_find (node_of (client)->registry, text, &missing);
  if (!device)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_NOT_FOUND, missing->message);
  return device;
}

void
node_install_actions (WherryClientInterface *iface)
{
  iface->list_addresses = list_addresses;
  iface->find_device = find_device;
  iface->host_pairing = host_pairing;
  iface->join_pairing = join_pairing;
  iface->send = send_files;
  iface->ping = ping;
  iface->share_text = share_text;
  iface->diagnose = diagnose;
  iface->unpair = unpair;
}
