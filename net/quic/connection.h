/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QUIC connection as the other layers see it: a thread-safe, reference-counted handle. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#include "net/core/identity.h"
#include "net/quic/quic_error.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

#define QUIC_EXPORTER_LEN 32

typedef struct QuicConnection QuicConnection;

/** How a connection fares (RFC 9002), as of a tenth of a second ago at most while it is used. */
typedef struct
{
  int64_t heard_us; /* when a packet of the peer came last, on the monotonic clock */
  uint64_t rtt_us;  /* smoothed */
  uint64_t rtt_min_us;
  uint64_t window; /* of congestion control, bytes */
  uint64_t bytes_sent;
  uint64_t bytes_received;
  uint64_t packets_sent;
  uint64_t packets_lost;
} QuicHealth;

/** When the last reference to a connection and to its streams is gone, the connection sends what
 * was finished and closes (QUIC_CODE_OK). When the peer acknowledges less than 64 KiB of it in 30
 * seconds, the rest is given up (QUIC_CODE_CANCELLED). Pending operations count as references,
 * except quic_connection_closed_async(). */
QuicConnection *quic_connection_ref (QuicConnection *connection);
void quic_connection_unref (QuicConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QuicConnection, quic_connection_unref)

/** The peer's proved identity. */
const NodeId *quic_connection_get_peer (const QuicConnection *connection);
const char *quic_connection_get_alpn (const QuicConnection *connection);
bool quic_connection_is_client (const QuicConnection *connection);
/** TLS exporter value (RFC 8446, section 7.5) for the label "EXPORTER-wherry"; equal at both ends,
 * unique to this connection. */
const uint8_t *quic_connection_get_exporter (const QuicConnection *connection);
/** The peer's current address. (transfer full) */
GInetSocketAddress *quic_connection_dup_remote_address (QuicConnection *connection);
void quic_connection_get_health (QuicConnection *connection, QuicHealth *health);
/** Whether the connection can still carry data. */
bool quic_connection_is_open (QuicConnection *connection);

/** Opens a stream; the result is a reference of the caller's. Waits (asynchronously) for stream
 * credit. NULL with an error once the connection has closed. */
void quic_connection_open_stream_async (QuicConnection *connection, bool bidirectional,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
/** Returns: (transfer full) */
QuicStream *quic_connection_open_stream_finish (QuicConnection *connection, GAsyncResult *result,
                                                GError **error);

/** Takes the next stream that the peer opened (bidirectional or not, as their first bytes arrive),
 * waiting for one. At most one waiter at a time. Unaccepted streams are bounded by the stream
 * limit. */
void quic_connection_accept_stream_async (QuicConnection *connection, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
/** Returns: (transfer full) */
QuicStream *quic_connection_accept_stream_finish (QuicConnection *connection, GAsyncResult *result,
                                                  GError **error);

/** Completes when the connection has closed for whatever reason; the error says which. Any number
 * of waiters; they do not keep the connection. */
void quic_connection_closed_async (QuicConnection *connection, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
/** Returns always false; @error is QUIC_ERROR_CLOSED for a clean close (code QUIC_CODE_OK), else
 * what happened. @code receives the peer's or our application code, or 0. */
bool quic_connection_closed_finish (GAsyncResult *result, uint64_t *code, GError **error);

/** Sends CONNECTION_CLOSE with @code and @reason (ASCII, capped); idempotent; any thread.
 * Everything pending fails. */
void quic_connection_close (QuicConnection *connection, QuicCode code, const char *reason);

G_END_DECLS
