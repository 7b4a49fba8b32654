/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that decides who may speak which protocol: strangers reach pairing and nothing
 * else. It is asked when a peer's handshake has proved its id, before any byte of the connection is
 * read. */
#pragma once

#include "net/quic/endpoint.h"
#include "net/peer/device_registry.h"

G_BEGIN_DECLS

typedef enum
{
  ROUTER_PAIRED, /* paired devices only */
  ROUTER_ANYONE,
} RouterAccess;

typedef struct
{
  const char *alpn; /* static */
  RouterAccess access;
  /** As in QuicProtocol. */
  QuicCode (*accept) (QuicConnection *connection, gpointer user_data);
  gpointer user_data;
} Route;

typedef struct ProtocolRouter ProtocolRouter;

/** Both borrowed. */
ProtocolRouter *protocol_router_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry);
/** Only after the endpoint has been closed. */
void protocol_router_free (ProtocolRouter *router);
/** Opens one protocol. */
void protocol_router_add (ProtocolRouter *router, const Route *route);

G_END_DECLS
