/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The asynchronous calls of net/quic as futures. Discarding a future cancels the call. Main thread
 * only. */
#pragma once

#include "net/async/flow.h"
#include "net/quic/endpoint.h"

G_BEGIN_DECLS

/** Boxed types, so that handles travel through futures: dex_await_boxed() returns a reference of
 * the caller's. */
#define QUIC_TYPE_CONNECTION (quic_connection_get_type ())
#define QUIC_TYPE_STREAM     (quic_stream_get_type ())
GType quic_connection_get_type (void);
GType quic_stream_get_type (void);

/** The domain of a connection that was closed with an application code other than QUIC_CODE_OK, by
 * either side: the error's code is that QuicCode. */
#define QUIC_CLOSE_ERROR (quic_close_error_quark ())
GQuark quic_close_error_quark (void);

/** Resolves to a QuicConnection. @peer NULL: whoever answers there. */
DexFuture *quic_future_connect (QuicEndpoint *endpoint, GInetSocketAddress *address,
                                const NodeId *peer, const char *alpn) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to a QuicStream. */
DexFuture *quic_future_open_stream (QuicConnection *connection,
                                    bool bidirectional) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to the next QuicStream that the peer opened. One waiter at a time. */
DexFuture *quic_future_accept_stream (QuicConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
/** Rejects when the connection has closed: QUIC_CLOSE_ERROR where a code says why, else QUIC_ERROR.
 * Never resolves. Does not keep the connection. */
DexFuture *quic_future_closed (QuicConnection *connection) G_GNUC_WARN_UNUSED_RESULT;

/** Resolves to TRUE when @bytes are queued and there is room for more. (transfer none) @bytes */
DexFuture *quic_future_send (QuicStream *stream, GBytes *bytes) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to a GBytes of 1 to @max bytes; empty at the peer's FIN. */
DexFuture *quic_future_receive (QuicStream *stream, size_t max) G_GNUC_WARN_UNUSED_RESULT;
/** Resolves to TRUE when the peer's QUIC stack has acknowledged everything including FIN. */
DexFuture *quic_future_drain (QuicStream *stream) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
