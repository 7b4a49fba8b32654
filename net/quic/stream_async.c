/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_private.h"

static void
clear_waiter (Waiter *waiter)
{
  StreamWaiter *self = (StreamWaiter *) waiter;
  QuicStream *stream = self->stream;
  g_mutex_lock (&stream->lock);
  if (stream->taker == self)
    stream->taker = NULL;
  g_mutex_unlock (&stream->lock);
  quic_stream_unref (stream);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stream)
{
  stream_notify_net (stream, CALL_URGENT);
}

static GTask *
task_new (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = waiter_new (sizeof (StreamWaiter), clear_waiter, cancellable, callback, user_data,
                            source_tag);
  StreamWaiter *waiter = g_task_get_task_data (task);
  waiter->stream = quic_stream_ref (self);
  waiter_watch (task, G_CALLBACK (cancelled_cb), self);
  return task;
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
    waiter_complete (task, NULL, NULL, error);
  stream_notify_net (self, CALL_URGENT);
}

bool
quic_stream_send_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return waiter_finish (result, NULL, error);
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
      waiter_complete (task, NULL, NULL, error);
      return;
    }
  g_queue_push_tail (&self->drainers, task);
  g_mutex_unlock (&self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    stream_notify_net (self, CALL_URGENT);
}

bool
quic_stream_drain_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return waiter_finish (result, NULL, error);
}

void
quic_stream_receive_async (QuicStream *self, size_t max, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_receive_async);
  StreamWaiter *waiter = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GTask *gone = NULL;
  waiter->max = max;
  g_mutex_lock (&self->lock);
  /* a cancelled receiver, which the call that it has queued would complete later */
  if (self->receiver && waiter_is_cancelled (self->receiver))
    gone = g_steal_pointer (&self->receiver);
  bool taken = self->taker && !g_cancellable_is_cancelled (self->taker->waiter.cancellable);
  bool ready = !taken && !self->receiver && stream_is_readable (self);
  if (taken || self->receiver)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody already receives from this stream.");
  else if (ready)
    self->taker = waiter;
  else
    self->receiver = task;
  g_mutex_unlock (&self->lock);

  if (gone)
    waiter_complete (gone, NULL, NULL, NULL);
  if (error || ready)
    waiter_complete (task, NULL, NULL, error);
  else if (g_cancellable_is_cancelled (cancellable))
    stream_notify_net (self, CALL_URGENT);
}

/* Bytes leave the stream here and not before: a result that is cancelled or dropped on its way
 * takes none along. */
static GBytes *
take (StreamWaiter *waiter, GError **error)
{
  QuicStream *self = waiter->stream;
  if (self->taker == waiter)
    self->taker = NULL;
  if (g_cancellable_set_error_if_cancelled (waiter->waiter.cancellable, error))
    return NULL;
  if (self->first || self->ended)
    return stream_take_bytes (self, waiter->max);
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
  if (!waiter_finish (result, NULL, error))
    return NULL;
  g_mutex_lock (&self->lock);
  GBytes *bytes = take (g_task_get_task_data (G_TASK (result)), error);
  g_mutex_unlock (&self->lock);
  return bytes;
}
