/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/connection_private.h"

#include "net/quic/link.h"

static QuicConnection *
keep (QuicConnection *self)
{
  g_atomic_ref_count_inc (&self->memory);
  return self;
}

void
quic_connection_release (QuicConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->memory))
    return;
  g_assert (!self->acceptor && self->closers.length == 0);
  g_queue_clear_full (&self->incoming, (GDestroyNotify) quic_stream_release);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  call_queue_unref (self->calls);
  g_free (self->alpn);
  g_free (self);
}

void
connection_notify_net (QuicConnection *self)
{
  keep (self);
  if (!call_queue_push (self->calls, &self->call, CALL_URGENT))
    quic_connection_release (self);
}

QuicConnection *
quic_connection_ref (QuicConnection *self)
{
  g_atomic_ref_count_inc (&self->handles);
  return self;
}

void
quic_connection_unref (QuicConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->handles))
    return;
  g_mutex_lock (&self->lock);
  self->requests.abandoned = true;
  g_mutex_unlock (&self->lock);
  connection_notify_net (self);
  quic_connection_release (self);
}

QuicConnection *
quic_connection_hand_out (QuicConnection *self)
{
  keep (self);
  g_atomic_ref_count_init (&self->handles);
  return self;
}

typedef struct
{
  Waiter waiter;
  QuicConnection *connection;
  bool watches;  /* has a memory reference and not a handle */
  uint64_t code; /* for quic_connection_closed_finish() */
} ConnectionWaiter;

static void
clear_waiter (Waiter *waiter)
{
  ConnectionWaiter *self = (ConnectionWaiter *) waiter;
  if (self->watches)
    quic_connection_release (self->connection);
  else
    quic_connection_unref (self->connection);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer connection)
{
  connection_notify_net (connection);
}

static GTask *
task_new (QuicConnection *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = waiter_new (sizeof (ConnectionWaiter), clear_waiter, cancellable, callback,
                            user_data, source_tag);
  ConnectionWaiter *waiter = g_task_get_task_data (task);
  waiter->watches = source_tag == quic_connection_closed_async;
  waiter->connection = waiter->watches ? keep (self) : quic_connection_ref (self);
  waiter_watch (task, G_CALLBACK (cancelled_cb), self);
  return task;
}

/* Takes @task and @stream's handle. */
static void
complete (GTask *task, QuicStream *stream, const GError *error)
{
  waiter_complete (task, stream, (GDestroyNotify) quic_stream_unref, error);
}

/* Called with the lock. */
static QuicStream *
take_incoming (QuicConnection *self)
{
  QuicStream *stream =
      self->requests.admitted || self->client ? g_queue_pop_head (&self->incoming) : NULL;
  if (!stream)
    return NULL;
  self->accepted[quic_stream_is_bidirectional (stream)]++;
  QuicStream *handle = quic_stream_hand_out (stream);
  quic_stream_release (stream);
  return handle;
}

/* Called with the lock; takes out the acceptor when it can be completed. */
static GTask *
take_acceptor (QuicConnection *self, QuicStream **stream)
{
  if (!self->acceptor)
    return NULL;
  bool cancelled = waiter_is_cancelled (self->acceptor);
  if (!cancelled)
    *stream = take_incoming (self);
  return *stream || self->error || cancelled ? g_steal_pointer (&self->acceptor) : NULL;
}

void
quic_connection_complete_waiters (QuicConnection *self)
{
  GQueue failed = G_QUEUE_INIT, closers = G_QUEUE_INIT;
  QuicStream *stream = NULL;
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&self->lock);
  if (self->error)
    error = g_error_copy (self->error);
  uint64_t code = self->code;
  waiters_take (&self->openers[0], &failed, error != NULL);
  waiters_take (&self->openers[1], &failed, error != NULL);
  waiters_take (&self->closers, &closers, error != NULL);
  GTask *acceptor = take_acceptor (self, &stream);
  g_mutex_unlock (&self->lock);

  waiters_complete (&failed, error);
  if (acceptor)
    complete (acceptor, stream, stream ? NULL : error);
  for (GList *l = closers.head; l; l = l->next)
    ((ConnectionWaiter *) g_task_get_task_data (l->data))->code = code;
  waiters_complete (&closers, error);
}

const NodeId *
quic_connection_get_peer (const QuicConnection *self)
{
  return &self->peer;
}

const char *
quic_connection_get_alpn (const QuicConnection *self)
{
  return self->alpn;
}

bool
quic_connection_is_client (const QuicConnection *self)
{
  return self->client;
}

const uint8_t *
quic_connection_get_exporter (const QuicConnection *self)
{
  return self->exporter;
}

GInetSocketAddress *
quic_connection_dup_remote_address (QuicConnection *self)
{
  g_mutex_lock (&self->lock);
  ngtcp2_sockaddr_union remote = self->remote;
  g_mutex_unlock (&self->lock);
  return G_INET_SOCKET_ADDRESS (
      g_socket_address_new_from_native (&remote, sockaddr_len (&remote.sa)));
}

void
quic_connection_get_health (QuicConnection *self, QuicHealth *health)
{
  g_mutex_lock (&self->lock);
  *health = self->health;
  g_mutex_unlock (&self->lock);
}

bool
quic_connection_is_open (QuicConnection *self)
{
  g_mutex_lock (&self->lock);
  bool open = !self->error && !self->requests.close;
  g_mutex_unlock (&self->lock);
  return open;
}

void
quic_connection_open_stream_async (QuicConnection *self, bool bidirectional,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task =
      task_new (self, cancellable, callback, user_data, quic_connection_open_stream_async);
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&self->lock);
  if (self->error)
    error = g_error_copy (self->error);
  else
    g_queue_push_tail (&self->openers[bidirectional], task);
  g_mutex_unlock (&self->lock);

  if (error)
    complete (task, NULL, error);
  else
    connection_notify_net (self);
}

QuicStream *
quic_connection_open_stream_finish (QuicConnection *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
quic_connection_accept_stream_async (QuicConnection *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task =
      task_new (self, cancellable, callback, user_data, quic_connection_accept_stream_async);
  g_autoptr (GError) error = NULL;
  QuicStream *stream = NULL;
  GTask *gone = NULL;

  g_mutex_lock (&self->lock);
  /* a cancelled acceptor, which the call that it has queued would complete later */
  if (self->acceptor && waiter_is_cancelled (self->acceptor))
    gone = g_steal_pointer (&self->acceptor);
  if (self->acceptor)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody already accepts streams here.");
  else if (!g_cancellable_is_cancelled (cancellable) && !(stream = take_incoming (self)) &&
           self->error)
    error = g_error_copy (self->error);
  else if (!stream)
    self->acceptor = task;
  g_mutex_unlock (&self->lock);

  if (gone)
    complete (gone, NULL, NULL);
  if (stream || error)
    complete (task, stream, error);
  /* in any case: an accepted stream gives the peer credit for another */
  connection_notify_net (self);
}

QuicStream *
quic_connection_accept_stream_finish (QuicConnection *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
quic_connection_closed_async (QuicConnection *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_connection_closed_async);
  g_mutex_lock (&self->lock);
  bool ended = self->error;
  g_queue_push_tail (&self->closers, task);
  g_mutex_unlock (&self->lock);
  if (ended)
    quic_connection_complete_waiters (self);
  else if (g_cancellable_is_cancelled (cancellable))
    connection_notify_net (self);
}

bool
quic_connection_closed_finish (GAsyncResult *result, uint64_t *code, GError **error)
{
  if (code)
    *code = ((ConnectionWaiter *) g_task_get_task_data (G_TASK (result)))->code;
  g_task_propagate_pointer (G_TASK (result), error);
  return false;
}

void
quic_connection_close (QuicConnection *self, QuicCode code, const char *reason)
{
  g_mutex_lock (&self->lock);
  if (!self->requests.close)
    {
      self->requests.close = true;
      self->requests.code = code;
      g_strlcpy (self->requests.reason, reason ? reason : "", sizeof self->requests.reason);
    }
  g_mutex_unlock (&self->lock);
  connection_notify_net (self);
}
