/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may speak which protocol, by ALPN: strangers reach those of PROTOCOL_ANYONE and nothing else.
 * Decided when a peer's handshake has proved its id, before any byte of the connection is
 * read. */
#pragma once

#include "net/quic/endpoint.h"
#include "net/peer/device_registry.h"

G_BEGIN_DECLS

typedef enum
{
  PROTOCOL_PAIRED, /* paired devices only */
  PROTOCOL_ANYONE,
} ProtocolAccess;

typedef struct
{
  const char *alpn; /* static */
  ProtocolAccess access;
  /** As in QuicProtocol. */
  QuicCode (*accept) (QuicConnection *connection, gpointer user_data);
  gpointer user_data;
} Protocol;

typedef struct Protocols Protocols;

/** Both borrowed. */
Protocols *protocols_new (QuicEndpoint *endpoint, WherryDeviceRegistry *registry);
/** Only after the endpoint has been closed. */
void protocols_free (Protocols *protocols);
/** Opens one protocol. */
void protocols_add (Protocols *protocols, const Protocol *protocol);

G_END_DECLS
