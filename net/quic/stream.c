/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_shared.h"

#include <string.h>

Chunk *
chunk_new (size_t capacity)
{
  Chunk *chunk = g_malloc (sizeof *chunk + capacity);
  *chunk = (Chunk) { .capacity = capacity };
  return chunk;
}

void
chunks_free (Chunk *first)
{
  while (first)
    {
      Chunk *next = first->next;
      g_free (first);
      first = next;
    }
}

QuicStream *
quic_stream_keep (QuicStream *self)
{
  g_atomic_ref_count_inc (&self->memory);
  return self;
}

void
quic_stream_release (QuicStream *self)
{
  if (!g_atomic_ref_count_dec (&self->memory))
    return;
  g_assert (!self->receiver && self->senders.length == 0 && self->drainers.length == 0);
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
  chunks_free (self->first);
  chunks_free (self->spare);
  g_clear_error (&self->send_error);
  g_clear_error (&self->receive_error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  call_queue_unref (self->calls);
  g_free (self);
}

void
stream_notify_net (QuicStream *self, CallUrgency urgency)
{
  quic_stream_keep (self);
  if (!call_queue_push (self->calls, &self->call, urgency))
    quic_stream_release (self);
}

QuicStream *
quic_stream_ref (QuicStream *self)
{
  g_atomic_ref_count_inc (&self->handles);
  return self;
}

void
quic_stream_unref (QuicStream *self)
{
  if (!g_atomic_ref_count_dec (&self->handles))
    return;
  g_mutex_lock (&self->lock);
  self->abandoned = true;
  QuicConnection *connection = g_steal_pointer (&self->connection);
  g_mutex_unlock (&self->lock);
  stream_notify_net (self, CALL_URGENT);
  quic_connection_unref (connection);
  quic_stream_release (self);
}

QuicStream *
quic_stream_hand_out (QuicStream *self)
{
  quic_stream_keep (self);
  g_atomic_ref_count_init (&self->handles);
  quic_connection_ref (self->connection);
  return self;
}

static void
waiting_free (StreamWaiting *waiting)
{
  QuicStream *stream = waiting->stream;
  g_mutex_lock (&stream->lock);
  if (stream->taker == waiting)
    stream->taker = NULL;
  g_mutex_unlock (&stream->lock);
  quic_stream_unref (stream);
  g_clear_object (&waiting->cancellable);
  g_free (waiting);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stream)
{
  stream_notify_net (stream, CALL_URGENT);
}

/* Cancelling only queues a call, so that a waiter is completed in one place. */
static GTask *
task_new (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  StreamWaiting *waiting = g_new0 (StreamWaiting, 1);
  g_task_set_source_tag (task, source_tag);
  /* stream_complete() looks, once, and for a receiver quic_stream_receive_finish() again */
  g_task_set_check_cancellable (task, FALSE);
  waiting->stream = quic_stream_ref (self);
  g_task_set_task_data (task, waiting, (GDestroyNotify) waiting_free);
  if (cancellable)
    {
      waiting->cancellable = g_object_ref (cancellable);
      waiting->handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
    }
  return task;
}

int64_t
quic_stream_get_id (const QuicStream *self)
{
  return self->id;
}

bool
quic_stream_is_bidirectional (const QuicStream *self)
{
  return self->bidirectional;
}

bool
stream_enqueue (QuicStream *self, GBytes *bytes, GError **error)
{
  if (self->send_error)
    {
      g_propagate_error (error, g_error_copy (self->send_error));
      return false;
    }
  if (self->finishing)
    {
      g_set_error_literal (error, QUIC_ERROR, QUIC_ERROR_CLOSED,
                           "Nothing more can be sent on this stream: it was finished.");
      return false;
    }
  if (g_bytes_get_size (bytes) > 0)
    {
      g_queue_push_tail (&self->outgoing, g_bytes_ref (bytes));
      self->unacked += g_bytes_get_size (bytes);
    }
  return true;
}

void
quic_stream_send_async (QuicStream *self, GBytes *bytes, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_send_async);
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&self->lock);
  bool waits = stream_enqueue (self, bytes, &error) && self->unacked > QUIC_STREAM_SEND_HIGH;
  if (waits)
    g_queue_push_tail (&self->senders, task);
  g_mutex_unlock (&self->lock);
  if (!waits)
    stream_complete (task, error);
  stream_notify_net (self, CALL_URGENT);
}

gboolean
quic_stream_send_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
quic_stream_finish (QuicStream *self)
{
  g_mutex_lock (&self->lock);
  self->finishing = true;
  g_mutex_unlock (&self->lock);
  stream_notify_net (self, CALL_URGENT);
}

void
quic_stream_drain_async (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_drain_async);
  g_mutex_lock (&self->lock);
  if (self->send_error || self->drained)
    {
      g_autoptr (GError) error = self->send_error ? g_error_copy (self->send_error) : NULL;
      g_mutex_unlock (&self->lock);
      stream_complete (task, error);
      return;
    }
  g_queue_push_tail (&self->drainers, task);
  g_mutex_unlock (&self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    stream_notify_net (self, CALL_URGENT);
}

gboolean
quic_stream_drain_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
quic_stream_receive_async (QuicStream *self, size_t max, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_receive_async);
  StreamWaiting *waiting = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GTask *gone = NULL;
  waiting->max = max;
  g_mutex_lock (&self->lock);
  /* One who cancelled is out of the way, even if the call that completes it has not run yet. */
  if (self->receiver && task_is_cancelled (self->receiver))
    gone = g_steal_pointer (&self->receiver);
  bool taken = self->taker && !g_cancellable_is_cancelled (self->taker->cancellable);
  bool ready = !taken && !self->receiver && stream_is_readable (self);
  if (taken || self->receiver)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody already receives from this stream.");
  else if (ready)
    self->taker = waiting;
  else
    self->receiver = task;
  g_mutex_unlock (&self->lock);

  if (gone)
    stream_complete (gone, NULL);
  if (error || ready)
    stream_complete (task, error);
  else if (g_cancellable_is_cancelled (cancellable))
    stream_notify_net (self, CALL_URGENT);
}

/* Bytes leave the stream here and not before: a result that is cancelled or dropped on its way
 * takes none along. */
static GBytes *
take (StreamWaiting *waiting, GError **error)
{
  QuicStream *self = waiting->stream;
  if (self->taker == waiting)
    self->taker = NULL;
  if (g_cancellable_set_error_if_cancelled (waiting->cancellable, error))
    return NULL;
  if (self->first || self->ended)
    return stream_take_bytes (self, waiting->max);
  if (self->receive_error)
    g_propagate_error (error, g_error_copy (self->receive_error));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody else has received from this stream.");
  return NULL;
}

GBytes *
quic_stream_receive_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  g_mutex_lock (&self->lock);
  GBytes *bytes = take (g_task_get_task_data (G_TASK (result)), error);
  g_mutex_unlock (&self->lock);
  return bytes;
}

void
quic_stream_reset (QuicStream *self, uint64_t code)
{
  g_mutex_lock (&self->lock);
  if (!self->reset)
    {
      self->reset = true;
      self->reset_code = code;
    }
  g_mutex_unlock (&self->lock);
  stream_notify_net (self, CALL_URGENT);
}
