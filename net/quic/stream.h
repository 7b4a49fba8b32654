/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QUIC stream as the other layers see it: a thread-safe, reference-counted handle with bounded
 * queues both ways.
 *
 * Each direction has two faces: the asynchronous one for fibers on the main thread and the blocking
 * one for workers. Back-pressure: sending waits while more than QUIC_STREAM_SEND_HIGH bytes are
 * queued and not yet acknowledged; bytes not yet taken by the reader hold back the peer through
 * QUIC flow control.
 *
 * A pending operation keeps its stream. Cancelling one says that nobody waits any more: what was
 * queued is sent all the same, and what has arrived stays for the next receiver, unless
 * quic_stream_receive_finish() has returned it. Errors: QUIC_ERROR_RESET, QUIC_ERROR_CLOSED for a
 * send after quic_stream_finish(), whatever ended the connection, G_IO_ERROR_CANCELLED,
 * G_IO_ERROR_PENDING for a second receiver. */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define QUIC_STREAM_SEND_HIGH (4 * 1024 * 1024)

typedef struct QuicStream QuicStream;

QuicStream *quic_stream_ref (QuicStream *stream);
/** The last reference resets what is unfinished (QUIC_CODE_CANCELLED); after quic_stream_finish()
 * the rest still goes out. */
void quic_stream_unref (QuicStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QuicStream, quic_stream_unref)

int64_t quic_stream_get_id (const QuicStream *stream);
bool quic_stream_is_bidirectional (const QuicStream *stream);

/** Queues @bytes (not copied; kept until acknowledged) and waits for room. Order is call order. */
void quic_stream_send_async (QuicStream *stream, GBytes *bytes, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
bool quic_stream_send_finish (QuicStream *stream, GAsyncResult *result, GError **error);
/** The same for a worker thread: blocks. */
bool quic_stream_send (QuicStream *stream, GBytes *bytes, GCancellable *cancellable,
                       GError **error);

/** Ends our direction (FIN) after what is queued. Does not wait; idempotent. */
void quic_stream_finish (QuicStream *stream);
/** Completes when everything including FIN was acknowledged by the peer's QUIC stack. */
void quic_stream_drain_async (QuicStream *stream, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
bool quic_stream_drain_finish (QuicStream *stream, GAsyncResult *result, GError **error);

/** Takes up to @max bytes that have arrived, in order, waiting for at least one. An empty GBytes
 * means the peer's FIN. */
void quic_stream_receive_async (QuicStream *stream, size_t max, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
/** Takes the bytes: a result that is cancelled or dropped before leaves them in the stream.
 * Returns: (transfer full) */
GBytes *quic_stream_receive_finish (QuicStream *stream, GAsyncResult *result, GError **error);
/** For a worker thread: blocks until @buffer holds @len bytes, FIN or an error came. Returns the
 * count (less than @len only at FIN), or -1 with an error. */
gssize quic_stream_read (QuicStream *stream, uint8_t *buffer, size_t len, GCancellable *cancellable,
                         GError **error);

/** RESET_STREAM and STOP_SENDING with @code: both directions end at once; waiters fail. Any thread,
 * idempotent. */
void quic_stream_reset (QuicStream *stream, uint64_t code);

G_END_DECLS
