/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/protocols.h"

#include "net/peer/log_limit.h"

struct ProtocolRouter
{
  WherryDeviceRegistry *registry;
  QuicEndpoint *endpoint;
  GPtrArray *entries; /* (owned) (element-type ProtocolEntry) */
  LogLimit strangers;
  uint64_t refused; /* so far, for the log */
};

typedef struct
{
  ProtocolRouter *router;
  Route route;
} ProtocolEntry;

ProtocolRouter *
protocol_router_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry)
{
  ProtocolRouter *router = g_new0 (ProtocolRouter, 1);
  router->registry = registry;
  router->endpoint = endpoint;
  router->entries = g_ptr_array_new_with_free_func (g_free);
  return router;
}

void
protocol_router_free (ProtocolRouter *router)
{
  g_ptr_array_unref (router->entries);
  g_free (router);
}

static void
log_refusal (ProtocolRouter *router, const NodeId *peer, const char *alpn)
{
  router->refused++;
  if (!log_limit_admit (&router->strangers, peer))
    return;
  g_autofree char *id = node_id_to_short (peer);
  g_message ("refused %s from %s, which is not paired (%" G_GUINT64_FORMAT " refused so far)", alpn,
             id, router->refused);
}

static QuicCode
accept_cb (QuicConnection *connection, gpointer user_data)
{
  ProtocolEntry *entry = user_data;
  ProtocolRouter *router = entry->router;
  const NodeId *peer = quic_connection_get_peer (connection);
  if (entry->route.access == ROUTER_PAIRED &&
      !wherry_device_registry_get_root (router->registry, peer))
    {
      log_refusal (router, peer, entry->route.alpn);
      return QUIC_CODE_NOT_PAIRED;
    }
  QuicCode code = entry->route.accept (connection, entry->route.user_data);
  if (code != QUIC_CODE_OK)
    router->refused++;
  return code;
}

void
protocol_router_add (ProtocolRouter *router, const Route *route)
{
  ProtocolEntry *entry = g_new (ProtocolEntry, 1);
  *entry = (ProtocolEntry) { .router = router, .route = *route };
  g_ptr_array_add (router->entries, entry);
  quic_endpoint_register (
      router->endpoint,
      &(QuicProtocol) { .alpn = route->alpn, .accept = accept_cb, .user_data = entry });
}
