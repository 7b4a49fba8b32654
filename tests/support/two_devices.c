/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/two_devices.h"

#include "net/async/quic_future.h"
#include "net/peer/device_private.h"

#define ALPN "wherry/transfer/1"

static void
offered_cb (WherryTransfer *transfer, gpointer user_data)
{
  TwoDevices *devices = user_data;
  g_set_object (&devices->incoming, transfer);
  if (devices->offered)
    devices->offered (devices->user_data);
  if (devices->answer == ANSWER_ACCEPT)
    wherry_transfer_accept (transfer, NULL);
  else if (devices->answer == ANSWER_DECLINE)
    wherry_transfer_decline (transfer);
}

SecureConnection *
two_devices_secure (TwoDevices *devices, QuicConnection *connection)
{
  return secure_connection_new (connection, session_new (devices->root,
                                                         quic_connection_get_exporter (connection),
                                                         quic_connection_is_client (connection)));
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  TwoDevices *devices = user_data;
  g_clear_pointer (&devices->accepted, quic_connection_unref);
  devices->accepted = quic_connection_ref (connection);
  if (devices->only_accept)
    return QUIC_CODE_OK;

  g_autoptr (SecureConnection) peer = two_devices_secure (devices, connection);
  g_autoptr (GFile) folder = scratch_file (&devices->scratch, "in");
  ReceiveOptions options = {
    .folder = folder,
    .offers = devices->offers,
    .space = devices->space,
    .breaches = &devices->breaches,
    .expiry_ms = devices->expiry_ms,
    .offered = offered_cb,
    .user_data = devices,
  };
  dex_clear (&devices->receiving);
  devices->receiving = transfer_receive_start (peer, devices->sender_row, &options);
  g_ptr_array_add (devices->all_receiving, dex_ref (devices->receiving));
  return QUIC_CODE_OK;
}

static QuicEndpoint *
endpoint_new (const NodeIdentity *identity)
{
  g_autoptr (GError) error = NULL;
  QuicEndpoint *endpoint = quic_endpoint_new (identity, 0, &error);
  g_assert_no_error (error);
  return endpoint;
}

void
two_devices_init (TwoDevices *devices)
{
  *devices = (TwoDevices) { .expiry_ms = OFFER_EXPIRY_MS, .root = { 42 } };
  devices->all_receiving = g_ptr_array_new_with_free_func (dex_unref);
  devices->offers = incoming_offers_new ();
  devices->space = space_table_new ();
  scratch_init (&devices->scratch);
  devices->identities[0] = node_identity_generate ();
  devices->identities[1] = node_identity_generate ();
  devices->sender = endpoint_new (devices->identities[0]);
  devices->receiver = endpoint_new (devices->identities[1]);
  devices->sender_row =
      device_new (node_identity_get_id (devices->identities[0]), DEVICE_STATE_PAIRED);
  devices->receiver_row =
      device_new (node_identity_get_id (devices->identities[1]), DEVICE_STATE_PAIRED);
  quic_endpoint_register (devices->receiver,
                          &(QuicProtocol) { ALPN, accept_cb, devices, .known_peers = true });
}

void
two_devices_clear (TwoDevices *devices)
{
  if (devices->receiving)
    g_assert_false (dex_future_is_pending (devices->receiving));
  dex_clear (&devices->receiving);
  g_ptr_array_unref (devices->all_receiving);
  quic_endpoint_close (devices->sender);
  quic_endpoint_close (devices->receiver);
  wait_settle ();
  g_clear_pointer (&devices->accepted, quic_connection_unref);
  g_clear_object (&devices->incoming);
  g_assert_finalize_object (devices->sender_row);
  g_assert_finalize_object (devices->receiver_row);
  node_identity_free (devices->identities[0]);
  node_identity_free (devices->identities[1]);
  incoming_offers_free (devices->offers);
  space_table_free (devices->space);
  scratch_clear (&devices->scratch);
}

static DexFuture *
secure_cb (DexFuture *connecting, gpointer user_data)
{
  QuicConnection *connection = g_value_get_boxed (dex_future_get_value (connecting, NULL));
  return dex_future_new_take_boxed (SECURE_TYPE_CONNECTION,
                                    two_devices_secure (user_data, connection));
}

static DexFuture *
connect_endpoints (TwoDevices *devices, QuicEndpoint *from, QuicEndpoint *to,
                   const NodeIdentity *peer)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GInetSocketAddress) address =
      G_INET_SOCKET_ADDRESS (g_inet_socket_address_new (loopback, quic_endpoint_get_port (to)));
  DexFuture *connecting = quic_future_connect (from, address, node_identity_get_id (peer), ALPN);
  return dex_future_then (connecting, secure_cb, devices, NULL);
}

DexFuture *
two_devices_connect (TwoDevices *devices)
{
  return connect_endpoints (devices, devices->sender, devices->receiver, devices->identities[1]);
}

DexFuture *
two_devices_connect_back (TwoDevices *devices)
{
  return connect_endpoints (devices, devices->receiver, devices->sender, devices->identities[0]);
}

WherryTransfer *
two_devices_send (TwoDevices *devices, DexFuture **sending, const char *path, ...)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  va_list args;
  va_start (args, path);
  for (const char *next = path; next; next = va_arg (args, const char *))
    g_ptr_array_add (files, scratch_file (&devices->scratch, next));
  va_end (args);
  WherryTransfer *transfer = transfer_send_new (devices->receiver_row, files);
  *sending = transfer_send_start (transfer, two_devices_connect (devices), devices->expiry_ms,
                                  &devices->breaches);
  return transfer;
}

void
two_devices_finish (TwoDevices *devices, DexFuture *sending)
{
  run_until (sending);
  if (devices->receiving)
    run_until (dex_ref (devices->receiving));
}
