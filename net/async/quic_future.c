/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/async/quic_future.h"

G_DEFINE_BOXED_TYPE (QuicConnection, quic_connection, quic_connection_ref, quic_connection_unref)
G_DEFINE_BOXED_TYPE (QuicStream, quic_stream, quic_stream_ref, quic_stream_unref)
G_DEFINE_QUARK (wherry-quic-close-error-quark, quic_close_error)

/* What ends a call of net/quic: one of the two, by what it returns. */
typedef struct
{
  gpointer (*finish) (gpointer handle, GAsyncResult *result, GError **error);
  gboolean (*finish_boolean) (gpointer handle, GAsyncResult *result, GError **error);
  GType (*type) (void); /* of what finish returns */
  void (*unref) (gpointer handle);
} Operation;

#define POINTER(func, type_func)                                                                   \
  .finish = (gpointer (*) (gpointer, GAsyncResult *, GError **)) func, .type = type_func
#define BOOLEAN(func) .finish_boolean = (gboolean (*) (gpointer, GAsyncResult *, GError **)) func
#define OF(func)      .unref = (void (*) (gpointer)) func

/* An endpoint is not counted: its owner closes it when nothing is left. */
static const Operation connecting = { POINTER (quic_endpoint_connect_finish,
                                               quic_connection_get_type) };
static const Operation opening_stream = {
  POINTER (quic_connection_open_stream_finish, quic_stream_get_type), OF (quic_connection_unref)
};
static const Operation accepting_stream = {
  POINTER (quic_connection_accept_stream_finish, quic_stream_get_type), OF (quic_connection_unref)
};
static const Operation sending = { BOOLEAN (quic_stream_send_finish), OF (quic_stream_unref) };
static const Operation receiving = { POINTER (quic_stream_receive_finish, g_bytes_get_type),
                                     OF (quic_stream_unref) };
static const Operation draining = { BOOLEAN (quic_stream_drain_finish), OF (quic_stream_unref) };

/* The promise is handed out as the future, so a future that is discarded cancels the call by the
 * promise's GCancellable. */
typedef struct
{
  const Operation *operation;
  gpointer handle;     /* (owned) where the operation has an unref */
  DexPromise *promise; /* (owned) */
} Call;

static Call *
call_new (const Operation *operation, gpointer handle, DexPromise *promise)
{
  Call *call = g_new (Call, 1);
  *call = (Call) { .operation = operation, .handle = handle, .promise = dex_ref (promise) };
  return call;
}

static void
call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  const Operation *operation = call->operation;
  GError *error = NULL;
  if (operation->finish)
    {
      gpointer boxed = operation->finish (call->handle, result, &error);
      if (boxed)
        dex_promise_resolve_boxed (call->promise, operation->type (), boxed);
    }
  else if (operation->finish_boolean (call->handle, result, &error))
    dex_promise_resolve_boolean (call->promise, TRUE);
  if (error)
    dex_promise_reject (call->promise, error);
  dex_unref (call->promise);
  if (operation->unref)
    operation->unref (call->handle);
}

DexFuture *
quic_future_connect (QuicEndpoint *endpoint, GInetSocketAddress *address, const NodeId *peer,
                     const char *alpn)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  GCancellable *cancellable = dex_promise_get_cancellable (promise);
  Call *call = call_new (&connecting, endpoint, promise);
  if (peer)
    quic_endpoint_connect_async (endpoint, address, peer, alpn, cancellable, call_cb, call);
  else
    quic_endpoint_connect_any_async (endpoint, address, alpn, cancellable, call_cb, call);
  return DEX_FUTURE (promise);
}

DexFuture *
quic_future_open_stream (QuicConnection *connection, bool bidirectional)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_open_stream_async (
      connection, bidirectional, dex_promise_get_cancellable (promise), call_cb,
      call_new (&opening_stream, quic_connection_ref (connection), promise));
  return DEX_FUTURE (promise);
}

DexFuture *
quic_future_accept_stream (QuicConnection *connection)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_accept_stream_async (
      connection, dex_promise_get_cancellable (promise), call_cb,
      call_new (&accepting_stream, quic_connection_ref (connection), promise));
  return DEX_FUTURE (promise);
}

DexFuture *
quic_future_send (QuicStream *stream, GBytes *bytes)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_send_async (stream, bytes, dex_promise_get_cancellable (promise), call_cb,
                          call_new (&sending, quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}

DexFuture *
quic_future_receive (QuicStream *stream, size_t max)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_receive_async (stream, max, dex_promise_get_cancellable (promise), call_cb,
                             call_new (&receiving, quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}

DexFuture *
quic_future_drain (QuicStream *stream)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_stream_drain_async (stream, dex_promise_get_cancellable (promise), call_cb,
                           call_new (&draining, quic_stream_ref (stream), promise));
  return DEX_FUTURE (promise);
}

/* It keeps no reference to the connection, and always ends with an error. */
static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (DexPromise) promise = user_data;
  GError *error = NULL;
  uint64_t code = QUIC_CODE_OK;
  quic_connection_closed_finish (result, &code, &error);
  if (code != QUIC_CODE_OK)
    {
      error->domain = QUIC_CLOSE_ERROR;
      error->code = (int) MIN (code, G_MAXINT);
    }
  dex_promise_reject (promise, error);
}

DexFuture *
quic_future_closed (QuicConnection *connection)
{
  DexPromise *promise = dex_promise_new_cancellable ();
  quic_connection_closed_async (connection, dex_promise_get_cancellable (promise), closed_cb,
                                dex_ref (promise));
  return DEX_FUTURE (promise);
}
