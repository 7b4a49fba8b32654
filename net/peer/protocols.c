/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/protocols.h"

#include "net/peer/log_limit.h"

struct Protocols
{
  WherryDeviceRegistry *registry;
  QuicEndpoint *endpoint;
  GPtrArray *entries; /* (owned) (element-type RegisteredProtocol) */
  LogLimit strangers;
  uint64_t refused; /* so far, for the log */
};

typedef struct
{
  Protocols *protocols;
  Protocol protocol;
} RegisteredProtocol;

Protocols *
protocols_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry)
{
  Protocols *protocols = g_new0 (Protocols, 1);
  protocols->registry = registry;
  protocols->endpoint = endpoint;
  protocols->entries = g_ptr_array_new_with_free_func (g_free);
  return protocols;
}

void
protocols_free (Protocols *protocols)
{
  g_ptr_array_unref (protocols->entries);
  g_free (protocols);
}

static void
log_refusal (Protocols *protocols, const NodeId *peer, const char *alpn)
{
  protocols->refused++;
  if (!log_limit_admit (&protocols->strangers, peer, g_get_monotonic_time ()))
    return;
  g_autofree char *id = node_id_to_short (peer);
  g_message ("refused %s from %s, which is not paired (%" G_GUINT64_FORMAT " refused so far)", alpn,
             id, protocols->refused);
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  RegisteredProtocol *entry = user_data;
  Protocols *protocols = entry->protocols;
  const NodeId *peer = quic_connection_get_peer (connection);
  if (entry->protocol.access == PROTOCOL_PAIRED &&
      !wherry_device_registry_get_root (protocols->registry, peer))
    {
      log_refusal (protocols, peer, entry->protocol.alpn);
      return QUIC_CODE_NOT_PAIRED;
    }
  QuicCode code = entry->protocol.accept (connection, entry->protocol.user_data);
  if (code != QUIC_CODE_OK)
    protocols->refused++;
  return code;
}

void
protocols_add (Protocols *protocols, const Protocol *protocol)
{
  RegisteredProtocol *entry = g_new (RegisteredProtocol, 1);
  *entry = (RegisteredProtocol) { .protocols = protocols, .protocol = *protocol };
  g_ptr_array_add (protocols->entries, entry);
  quic_endpoint_register (protocols->endpoint,
                          &(QuicProtocol) { .alpn = protocol->alpn,
                                            .accept = accept_cb,
                                            .user_data = entry,
                                            .known_peers = protocol->access == PROTOCOL_PAIRED });
}
