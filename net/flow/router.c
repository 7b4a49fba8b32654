/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "wherry-flow"
#include "config.h"

#include "net/flow/router.h"

/* Strangers that were named in the log and are not named again; a flood of fresh ids is held back by the interval. */
#define ROUTER_NAMED_MAX       64
#define ROUTER_LOG_INTERVAL_US (G_USEC_PER_SEC)

struct ProtocolRouter
{
  WherryDeviceRegistry *registry;
  QuicEndpoint *endpoint;
  GPtrArray *entries; /* (owned) (element-type ProtocolEntry) */
  NodeId named[ROUTER_NAMED_MAX];
  guint n_named; /* ever; the ring holds the last ones */
  int64_t last_log_us;
  uint64_t refused;
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

static bool
was_named (const ProtocolRouter *router, const NodeId *peer)
{
  for (guint i = 0; i < MIN (router->n_named, ROUTER_NAMED_MAX); i++)
    if (node_id_equal (&router->named[i], peer))
      return true;
  return false;
}

static void
log_refusal (ProtocolRouter *router, const NodeId *peer, const char *alpn)
{
  int64_t now_us = g_get_monotonic_time ();
  router->refused++;
  if (was_named (router, peer) ||
      (router->n_named > 0 && now_us - router->last_log_us < ROUTER_LOG_INTERVAL_US))
    return;
  g_autofree char *id = node_id_to_short (peer);
  g_message ("refused %s from %s, which is not paired (%" G_GUINT64_FORMAT " refused so far)", alpn,
             id, router->refused);
  router->named[router->n_named++ % ROUTER_NAMED_MAX] = *peer;
  router->last_log_us = now_us;
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

uint64_t
protocol_router_get_refused (const ProtocolRouter *router)
{
  return router->refused;
}
