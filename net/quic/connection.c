/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/connection_private.h"

#include <string.h>

#include "net/quic/quic_error.h"
#include "net/quic/link.h"

struct QuicConnection
{
  gatomicrefcount memory;
  gatomicrefcount handles;
  CallQueue *calls;
  QueuedCall call;
  bool client;

  /* set once, before the first handle */
  NodeId peer;
  char *alpn;
  uint8_t exporter[QUIC_EXPORTER_LEN];

  size_t consumed; /* atomic */

  GMutex lock;
  ngtcp2_sockaddr_union remote;
  int64_t rtt_us;
  ConnectionRequests requests;
  GQueue incoming;      /* QuicStreams, each with a memory reference */
  uint64_t accepted[2]; /* by bidirectional */
  GTask *acceptor;
  GQueue openers[2]; /* GTasks, by bidirectional */
  GQueue closers;    /* GTasks */
  GError *error;     /* why it has ended */
  uint64_t code;

  NetConnection *net; /* net thread only */
};

QuicConnection *
quic_connection_keep (QuicConnection *self)
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

static void
notify_net (QuicConnection *self)
{
  quic_connection_keep (self);
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
  notify_net (self);
  quic_connection_release (self);
}

QuicConnection *
quic_connection_hand_out (QuicConnection *self)
{
  quic_connection_keep (self);
  g_atomic_ref_count_init (&self->handles);
  return self;
}

typedef struct
{
  QuicConnection *connection;
  bool watches;  /* has a memory reference and not a handle */
  uint64_t code; /* for quic_connection_closed_finish() */
  GCancellable *cancellable;
  gulong handler;
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  if (waiting->watches)
    quic_connection_release (waiting->connection);
  else
    quic_connection_unref (waiting->connection);
  g_clear_object (&waiting->cancellable);
  g_free (waiting);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer connection)
{
  notify_net (connection);
}

static GTask *
task_new (QuicConnection *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Waiting *waiting = g_new0 (Waiting, 1);
  g_task_set_source_tag (task, source_tag);
  /* complete() looks, once: a task that was given a stream must not lose it to a later
   * cancellation */
  g_task_set_check_cancellable (task, FALSE);
  waiting->watches = source_tag == quic_connection_closed_async;
  waiting->connection = waiting->watches ? quic_connection_keep (self) : quic_connection_ref (self);
  g_task_set_task_data (task, waiting, (GDestroyNotify) waiting_free);
  if (cancellable)
    {
      waiting->cancellable = g_object_ref (cancellable);
      waiting->handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
    }
  return task;
}

/* Takes @task and @stream's handle. */
static void
complete (GTask *task, QuicStream *stream, const GError *error)
{
  Waiting *waiting = g_task_get_task_data (task);
  if (waiting->handler != 0)
    g_cancellable_disconnect (waiting->cancellable, waiting->handler);
  if (error)
    g_task_return_error (task, g_error_copy (error));
  else if (stream || !g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, stream, (GDestroyNotify) quic_stream_unref);
  g_object_unref (task);
}

static bool
is_cancelled (GTask *task)
{
  return g_cancellable_is_cancelled (g_task_get_cancellable (task));
}

static void
pick (GQueue *waiting, GQueue *done, bool all)
{
  for (GList *l = waiting->head, *next; l; l = next)
    {
      next = l->next;
      if (all || is_cancelled (l->data))
        {
          g_queue_unlink (waiting, l);
          g_queue_push_tail_link (done, l);
        }
    }
}

static void
run_call (QueuedCall *call, gpointer reader)
{
  QuicConnection *self =
      (QuicConnection *) ((char *) call - G_STRUCT_OFFSET (QuicConnection, call));
  if (self->net)
    net_connection_deliver (self->net);
  quic_connection_complete_waiters (self);
  quic_connection_release (self);
}

QuicConnection *
quic_connection_new (CallQueue *calls, NetConnection *net, bool client)
{
  QuicConnection *self = g_new0 (QuicConnection, 1);
  g_atomic_ref_count_init (&self->memory);
  g_mutex_init (&self->lock);
  self->calls = call_queue_ref (calls);
  self->call.run = run_call;
  self->net = net;
  self->client = client;
  return self;
}

void
quic_connection_identify (QuicConnection *self, TlsResult *result)
{
  self->peer = result->peer;
  self->alpn = g_steal_pointer (&result->alpn);
  memcpy (self->exporter, result->exporter, sizeof self->exporter);
}

size_t
quic_connection_count_consumed (QuicConnection *self, size_t len)
{
  return __atomic_add_fetch (&self->consumed, len, __ATOMIC_RELAXED);
}

void
quic_connection_collect_consumed (QuicConnection *self)
{
  __atomic_store_n (&self->consumed, 0, __ATOMIC_RELAXED);
}

void
quic_connection_note_path (QuicConnection *self, const struct sockaddr *remote, int64_t rtt_us)
{
  g_mutex_lock (&self->lock);
  memcpy (&self->remote, remote, sockaddr_len (remote));
  self->rtt_us = rtt_us;
  g_mutex_unlock (&self->lock);
}

void
quic_connection_fetch_requests (QuicConnection *self, ConnectionRequests *requests)
{
  g_mutex_lock (&self->lock);
  *requests = self->requests;
  g_mutex_unlock (&self->lock);
}

void
quic_connection_admit (QuicConnection *self)
{
  g_mutex_lock (&self->lock);
  self->requests.admitted = true;
  g_mutex_unlock (&self->lock);
  notify_net (self);
}

void
quic_connection_offer_stream (QuicConnection *self, QuicStream *stream)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->incoming, quic_stream_keep (stream));
  g_mutex_unlock (&self->lock);
}

bool
quic_connection_wants_stream (QuicConnection *self, bool bidirectional)
{
  g_mutex_lock (&self->lock);
  bool wants = self->openers[bidirectional].length > 0;
  g_mutex_unlock (&self->lock);
  return wants;
}

void
quic_connection_opened_stream (QuicConnection *self, bool bidirectional, QuicStream *stream)
{
  g_mutex_lock (&self->lock);
  GTask *task = g_queue_pop_head (&self->openers[bidirectional]);
  g_mutex_unlock (&self->lock);
  /* only the net thread takes openers away, so the one it saw is still there */
  complete (task, quic_stream_hand_out (stream), NULL);
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

uint64_t
quic_connection_count_accepted (QuicConnection *self, bool bidirectional)
{
  g_mutex_lock (&self->lock);
  uint64_t count = self->accepted[bidirectional];
  g_mutex_unlock (&self->lock);
  return count;
}

void
quic_connection_complete_waiters (QuicConnection *self)
{
  GQueue failed = G_QUEUE_INIT, closers = G_QUEUE_INIT;
  GTask *acceptor = NULL;
  QuicStream *stream = NULL;
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&self->lock);
  if (self->error)
    error = g_error_copy (self->error);
  uint64_t code = self->code;
  pick (&self->openers[0], &failed, error != NULL);
  pick (&self->openers[1], &failed, error != NULL);
  pick (&self->closers, &closers, error != NULL);
  if (self->acceptor)
    {
      if (!is_cancelled (self->acceptor))
        stream = take_incoming (self);
      if (stream || error || is_cancelled (self->acceptor))
        acceptor = g_steal_pointer (&self->acceptor);
    }
  g_mutex_unlock (&self->lock);

  GTask *task;
  while ((task = g_queue_pop_head (&failed)))
    complete (task, NULL, error);
  if (acceptor)
    complete (acceptor, stream, stream ? NULL : error);
  while ((task = g_queue_pop_head (&closers)))
    {
      ((Waiting *) g_task_get_task_data (task))->code = code;
      complete (task, NULL, error);
    }
}

void
quic_connection_end (QuicConnection *self, const GError *error, uint64_t code)
{
  self->net = NULL;
  g_mutex_lock (&self->lock);
  self->error = g_error_copy (error);
  self->code = code;
  g_mutex_unlock (&self->lock);
  quic_connection_complete_waiters (self);
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

int64_t
quic_connection_get_rtt_us (QuicConnection *self)
{
  g_mutex_lock (&self->lock);
  int64_t rtt_us = self->rtt_us;
  g_mutex_unlock (&self->lock);
  return rtt_us;
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
    notify_net (self);
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
  /* one who cancelled is out of the way, even if the call that completes it has not run yet */
  if (self->acceptor && is_cancelled (self->acceptor))
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
  /* posted in any case: an accepted stream gives the peer credit for another */
  notify_net (self);
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
    notify_net (self);
}

gboolean
quic_connection_closed_finish (GAsyncResult *result, uint64_t *code, GError **error)
{
  if (code)
    *code = ((Waiting *) g_task_get_task_data (G_TASK (result)))->code;
  g_task_propagate_pointer (G_TASK (result), error);
  return FALSE;
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
  notify_net (self);
}
