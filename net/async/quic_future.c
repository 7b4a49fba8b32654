/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/quic_future.h"

G_DEFINE_BOXED_TYPE (QuicConnection, quic_connection, quic_connection_ref, quic_connection_unref)
G_DEFINE_BOXED_TYPE (QuicStream, quic_stream, quic_stream_ref, quic_stream_unref)
G_DEFINE_QUARK (wherry-quic-close-error-quark, quic_close_error)

/* Each callback owns the reference to its promise. The operations below hand out the promise itself
 * as the future, so a discarded future cancels through the promise's GCancellable. */

static void
settle_boxed (DexPromise *promise, GType type, gpointer boxed, GError *error)
{
  if (boxed)
    dex_promise_resolve_boxed (promise, type, boxed);
  else
    dex_promise_reject (promise, error);
  dex_unref (promise);
}

static void
settle_boolean (DexPromise *promise, gboolean ok, GError *error)
{
  if (ok)
    dex_promise_resolve_boolean (promise, TRUE);
  else
    dex_promise_reject (promise, error);
  dex_unref (promise);
}

typedef struct
{
  gpointer handle; /* a reference; only the endpoint, which is not counted, is borrowed */
  DexPromise *promise;
} PendingCall;

static PendingCall *
pending_call_new (gpointer handle, DexPromise *promise)
{
  PendingCall *call = g_new (PendingCall, 1);
  *call = (PendingCall) { .handle = handle, .promise = dex_ref (promise) };
  return call;
}

static DexPromise *
pending_call_finish (PendingCall *call)
{
  DexPromise *promise = call->promise;
  g_free (call);
  return promise;
}

static void
connect_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  GError *error = NULL;
  QuicConnection *connection = quic_endpoint_connect_finish (call->handle, result, &error);
  settle_boxed (pending_call_finish (call), QUIC_TYPE_CONNECTION, connection, error);
}

DexFuture *
quic_future_connect (QuicEndpoint *endpoint, GInetSocketAddress *address, const NodeId *peer,
                     const char *alpn)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  GCancellable *cancellable = dex_promise_get_cancellable (promise);
  PendingCall *call = pending_call_new (endpoint, promise);
  if (peer)
    quic_endpoint_connect_async (endpoint, address, peer, alpn, cancellable, connect_cb, call);
  else
    quic_endpoint_connect_any_async (endpoint, address, alpn, cancellable, connect_cb, call);
  return DEX_FUTURE (promise);
}

static void
open_stream_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  g_autoptr (QuicConnection) connection = call->handle;
  GError *error = NULL;
  QuicStream *stream = quic_connection_open_stream_finish (connection, result, &error);
  settle_boxed (pending_call_finish (call), QUIC_TYPE_STREAM, stream, error);
}

DexFuture *
quic_future_open_stream (QuicConnection *connection, bool bidirectional)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_open_stream_async (connection, bidirectional,
                                     dex_promise_get_cancellable (promise), open_stream_cb,
                                     pending_call_new (quic_connection_ref (connection), promise));
  return DEX_FUTURE (promise);
}

static void
accept_stream_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  g_autoptr (QuicConnection) connection = call->handle;
  GError *error = NULL;
  QuicStream *stream = quic_connection_accept_stream_finish (connection, result, &error);
  settle_boxed (pending_call_finish (call), QUIC_TYPE_STREAM, stream, error);
}

DexFuture *
quic_future_accept_stream (QuicConnection *connection)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_accept_stream_async (
      connection, dex_promise_get_cancellable (promise), accept_stream_cb,
      pending_call_new (quic_connection_ref (connection), promise));
  return DEX_FUTURE (promise);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  uint64_t code = QUIC_CODE_OK;
  quic_connection_closed_finish (result, &code, &error);
  if (code != QUIC_CODE_OK)
    {
      error->domain = QUIC_CLOSE_ERROR;
      error->code = (int) MIN (code, G_MAXINT);
    }
  settle_boolean (user_data, FALSE, error);
}

DexFuture *
quic_future_closed (QuicConnection *connection)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_closed_async (connection, dex_promise_get_cancellable (promise), closed_cb,
                                dex_ref (promise));
  return DEX_FUTURE (promise);
}

static void
send_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  g_autoptr (QuicStream) stream = call->handle;
  GError *error = NULL;
  gboolean ok = quic_stream_send_finish (stream, result, &error);
  settle_boolean (pending_call_finish (call), ok, error);
}

DexFuture *
quic_future_send (QuicStream *stream, GBytes *bytes)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_send_async (stream, bytes, dex_promise_get_cancellable (promise), send_cb,
                          pending_call_new (quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}

static void
receive_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  g_autoptr (QuicStream) stream = call->handle;
  GError *error = NULL;
  GBytes *bytes = quic_stream_receive_finish (stream, result, &error);
  settle_boxed (pending_call_finish (call), G_TYPE_BYTES, bytes, error);
}

DexFuture *
quic_future_receive (QuicStream *stream, size_t max)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_receive_async (stream, max, dex_promise_get_cancellable (promise), receive_cb,
                             pending_call_new (quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}

static void
drain_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PendingCall *call = user_data;
  g_autoptr (QuicStream) stream = call->handle;
  GError *error = NULL;
  gboolean ok = quic_stream_drain_finish (stream, result, &error);
  settle_boolean (pending_call_finish (call), ok, error);
}

DexFuture *
quic_future_drain (QuicStream *stream)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_drain_async (stream, dex_promise_get_cancellable (promise), drain_cb,
                           pending_call_new (quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}
