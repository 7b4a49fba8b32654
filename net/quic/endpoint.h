/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A UDP endpoint on its own thread: dials, accepts, and routes connections by ALPN. Callers see
 * only the handles in this header, connection.h and stream.h; no ngtcp2 object leaves the net
 * thread. */
#pragma once

#include <gio/gio.h>

#include "net/core/identity.h"
#include "net/quic/connection.h"

G_BEGIN_DECLS

#define QUIC_DEFAULT_PORT 11204

typedef struct QuicEndpoint QuicEndpoint;

/** A protocol the endpoint accepts. New protocols register in one line. */
typedef struct
{
  const char *alpn;
  /** Called on the endpoint's caller context when a peer's handshake for this ALPN has completed
   * and its id is known. QUIC_CODE_OK admits the connection: the handler keeps its own reference
   * when it wants it. Any other code closes it with that code, before any stream of it is read. */
  QuicCode (*accept) (QuicConnection *connection, gpointer user_data);
  gpointer user_data;
  /** Its handler admits only peers that it knows: their connections do not count among those of
   * strangers and may carry more (core/stranger_limits.h). */
  bool known_peers;
} QuicProtocol;

/** Opens sockets for IPv4 and IPv6 on @port (the next free port when taken; 0 for any) and starts
 * the net thread.
 *
 * @identity is borrowed for the call. Callbacks run on the thread-default main context of the
 * caller. Fails with QUIC_ERROR_SOCKET when no socket can be opened,
 * QUIC_ERROR_LIMIT when no timer can be made. */
QuicEndpoint *quic_endpoint_new (const NodeIdentity *identity, uint16_t port,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Registers a protocol; before or after peers connect, from the caller's thread. */
void quic_endpoint_register (QuicEndpoint *endpoint, const QuicProtocol *protocol);

/** The bound UDP port. */
uint16_t quic_endpoint_get_port (const QuicEndpoint *endpoint);

/** Addresses of this host that peers could dial (no loopback unless it is all there is).
 * Returns: (transfer full) (element-type GInetSocketAddress) */
GPtrArray *quic_endpoint_list_addresses (QuicEndpoint *endpoint);

/** Dials @address, and succeeds only when the peer there proves to be @peer and accepts @alpn. One
 * attempt; racing several addresses is net/peer/connect's work. Errors: QUIC_ERROR_*,
 * G_IO_ERROR_CANCELLED.
 *
 * The peer completes the handshake only after its accept handler said yes, so a refusal
 * (QUIC_ERROR_NOT_PAIRED, REFUSED, …) comes from here and not from the first use. Gives up after 5
 * s without an answer, at once when the host says that nobody listens. */
void quic_endpoint_connect_async (QuicEndpoint *endpoint, GInetSocketAddress *address,
                                  const NodeId *peer, const char *alpn, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/** Returns: (transfer full) */
QuicConnection *quic_endpoint_connect_finish (QuicEndpoint *endpoint, GAsyncResult *result,
                                              GError **error);

/** Same, but the peer's id is whatever its key proves (pairing by words knows only an address). */
void quic_endpoint_connect_any_async (QuicEndpoint *endpoint, GInetSocketAddress *address,
                                      const char *alpn, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);

/** Closes all connections with a CONNECTION_CLOSE, joins the net thread and frees the endpoint.
 * Pending operations fail with QUIC_ERROR_CLOSED. */
void quic_endpoint_close (QuicEndpoint *endpoint);

G_END_DECLS
