/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/node_private.h"

#include "net/transfer/control_channel.h"
#include "net/transfer/receive.h"

static QuicCode
pairing_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  return self->closed ? QUIC_CODE_CANCELLED : pair_host_accept (self->host, connection);
}

static QuicCode
message_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  if (self->closed)
    return QUIC_CODE_CANCELLED;
  return pool_adopt (self->pool, connection, NULL);
}

/* A connection on which a device may send something. */
typedef struct
{
  WherryNode *node;
  DexFuture *ended; /* (owned) of its receive */
} Incoming;

static void
incoming_free (gpointer data)
{
  Incoming *incoming = data;
  dex_unref (incoming->ended);
  g_free (incoming);
}

static DexFuture *
incoming_ended_cb (DexFuture *ended, gpointer user_data)
{
  return dex_future_new_true ();
}

static void
offered_cb (WherryTransfer *transfer, gpointer user_data)
{
  Incoming *incoming = user_data;
  WherryNode *self = incoming->node;
  /* From here on there is somebody to say goodbye to. */
  flow_set_watch (self->goodbye_flows, "receive", dex_ref (incoming->ended));
  if (self->closed)
    {
      /* It became complete while others hear that we close: this one does too, and is not shown. */
      wherry_transfer_cancel (transfer);
      return;
    }
  g_list_store_insert (self->transfers, 0, transfer);
  const Policy *policy = policy_table_get (
      self->policies, wherry_device_get_node_id (wherry_transfer_get_device (transfer)));
  /* Without a folder only the person can accept, who is asked for one. */
  bool homeless = policy->rule == POLICY_ACCEPT && !policy->folder &&
                  !wherry_transfer_get_destination (transfer);
  switch (homeless ? POLICY_ASK : policy->rule)
    {
    case POLICY_ASK:
      g_signal_emit_by_name (self, "offer", transfer);
      break;
    case POLICY_ACCEPT:
      wherry_transfer_accept (transfer, policy->folder);
      break;
    case POLICY_DECLINE:
      wherry_transfer_decline (transfer);
      break;
    default:
      g_assert_not_reached ();
    }
}

static QuicCode
transfer_accept_cb (QuicConnection *connection, gpointer user_data)
{
  WherryNode *self = user_data;
  if (self->closed)
    return QUIC_CODE_CANCELLED;
  g_autoptr (SecureConnection) peer = NULL;
  QuicCode code = pool_adopt (self->pool, connection, &peer);
  if (code != QUIC_CODE_OK)
    return code;
  WherryDevice *device =
      wherry_device_registry_lookup (self->registry, quic_connection_get_peer (connection));
  Incoming *incoming = g_new (Incoming, 1);
  ReceiveOptions options = { .folder = self->receive_dir,
                             .offers = self->offers,
                             .space = self->space,
                             .breaches = &self->breaches,
                             .expiry_ms = OFFER_EXPIRY_MS,
                             .offered = offered_cb,
                             .user_data = incoming };
  *incoming = (Incoming) { self, transfer_receive_start (peer, device, &options) };
  flow_set_watch (
      self->flows, "incoming",
      dex_future_finally (dex_ref (incoming->ended), incoming_ended_cb, incoming, incoming_free));
  return QUIC_CODE_OK;
}

void
node_wire (WherryNode *self)
{
  self->offers = incoming_offers_new ();
  self->space = space_table_new ();
  self->flows = flow_set_new ();
  self->goodbye_flows = flow_set_new ();
  self->pool = pool_new (self->endpoint, self->registry, self->flows,
                         node_identity_get_id (secrets_get_identity (self->secrets)));
  pool_on_unpaired (self->pool, node_closed_unpaired_cb, self);
  self->messages = messages_new (self->pool, self->registry, self->flows,
                                 network_state_get_device (self->state), self->dir, self->outbox);
  node_handle_unpaired (self);
  node_handle_texts (self);
  self->pair_self = (PairSelf) { .identity = secrets_get_identity (self->secrets),
                                 .info = network_state_get_device (self->state),
                                 .registry = self->registry,
                                 .store = self->pairings,
                                 .pool = self->pool,
                                 .now_us = g_get_monotonic_time };
  self->host = pair_host_new (&self->pair_self, self->goodbye_flows);

  const Protocol protocols[] = {
    { PAIRING_ALPN, PROTOCOL_ANYONE, pairing_accept_cb, self },
    { MESSAGES_ALPN, PROTOCOL_PAIRED, message_accept_cb, self },
    { TRANSFER_ALPN, PROTOCOL_PAIRED, transfer_accept_cb, self },
  };
  self->protocols = protocols_new (self->endpoint, self->registry);
  for (size_t i = 0; i < G_N_ELEMENTS (protocols); i++)
    protocols_add (self->protocols, &protocols[i]);
}

static void
found_cb (WherryDiscovery *discovery, WherryService *service, gpointer user_data)
{
  WherryNode *self = user_data;
  wherry_device_registry_discovered (
      self->registry, wherry_service_get_node_id (service), wherry_service_get_name (service),
      wherry_service_get_device_type (service), wherry_service_get_pairing_open (service),
      wherry_service_get_addresses (service));
  messages_wake (self->messages, wherry_service_get_node_id (service));
}

static void
lost_cb (WherryDiscovery *discovery, WherryService *service, gpointer user_data)
{
  WherryNode *self = user_data;
  wherry_device_registry_vanished (self->registry, wherry_service_get_node_id (service));
}

static void
discovery_state_cb (WherryNode *self)
{
  g_object_notify (G_OBJECT (self), "discovery-state");
}

void
node_start_discovery (WherryNode *self)
{
  self->discovery = wherry_discovery_new (network_state_get_device (self->state),
                                          quic_endpoint_get_port (self->endpoint));
  wherry_discovery_set_visible (self->discovery, network_state_get_visible (self->state));
  g_signal_connect (self->discovery, "found", G_CALLBACK (found_cb), self);
  g_signal_connect (self->discovery, "lost", G_CALLBACK (lost_cb), self);
  g_signal_connect_swapped (self->discovery, "notify::state", G_CALLBACK (discovery_state_cb),
                            self);
  wherry_discovery_start (self->discovery);
}
