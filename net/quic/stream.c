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
  while (first != NULL)
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
  g_assert (self->receiver == NULL && self->senders.length == 0 && self->drainers.length == 0);
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
  chunks_free (self->first);
  chunks_free (self->spare);
  g_clear_error (&self->send_error);
  g_clear_error (&self->receive_error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  mailbox_unref (self->mailbox);
  g_free (self);
}

void
stream_post (QuicStream *self, MailUrgency urgency)
{
  quic_stream_keep (self);
  if (!mailbox_post (self->mailbox, &self->mail, urgency))
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
  QuicConnection *connection;

  if (!g_atomic_ref_count_dec (&self->handles))
    return;
  g_mutex_lock (&self->lock);
  self->abandoned = true;
  connection = g_steal_pointer (&self->connection);
  g_mutex_unlock (&self->lock);
  stream_post (self, MAIL_URGENT);
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
  quic_stream_unref (waiting->stream);
  g_clear_object (&waiting->cancellable);
  g_free (waiting);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer stream)
{
  stream_post (stream, MAIL_URGENT);
}

/* Cancelling only sends mail, so that a waiter is completed in one place: settle(). */
static GTask *
task_new (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  StreamWaiting *waiting = g_new0 (StreamWaiting, 1);

  g_task_set_source_tag (task, source_tag);
  /* complete() looks, once: a task that was given bytes must not lose them to a later cancellation */
  g_task_set_check_cancellable (task, FALSE);
  waiting->stream = quic_stream_ref (self);
  g_task_set_task_data (task, waiting, (GDestroyNotify) waiting_free);
  if (cancellable != NULL)
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

const GError *
stream_enqueue (QuicStream *self, GBytes *bytes)
{
  if (self->send_error == NULL && self->finishing)
    {
      g_critical ("send after finish on stream %" G_GINT64_FORMAT, self->id);
      return NULL;
    }
  if (self->send_error == NULL && g_bytes_get_size (bytes) > 0)
    {
      g_queue_push_tail (&self->outgoing, g_bytes_ref (bytes));
      self->unacked += g_bytes_get_size (bytes);
    }
  return self->send_error;
}

void
quic_stream_send_async (QuicStream *self, GBytes *bytes, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_send_async);

  g_mutex_lock (&self->lock);
  stream_enqueue (self, bytes);
  if (self->send_error != NULL || self->unacked <= QUIC_STREAM_SEND_HIGH)
    {
      g_autoptr (GError) error = self->send_error != NULL ? g_error_copy (self->send_error) : NULL;
      g_mutex_unlock (&self->lock);
      stream_complete (task, error, NULL);
    }
  else
    {
      g_queue_push_tail (&self->senders, task);
      g_mutex_unlock (&self->lock);
    }
  stream_post (self, MAIL_URGENT);
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
  stream_post (self, MAIL_URGENT);
}

void
quic_stream_drain_async (QuicStream *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = task_new (self, cancellable, callback, user_data, quic_stream_drain_async);

  g_mutex_lock (&self->lock);
  if (self->send_error != NULL || self->drained)
    {
      g_autoptr (GError) error = self->send_error != NULL ? g_error_copy (self->send_error) : NULL;
      g_mutex_unlock (&self->lock);
      stream_complete (task, error, NULL);
      return;
    }
  g_queue_push_tail (&self->drainers, task);
  g_mutex_unlock (&self->lock);
  if (g_cancellable_is_cancelled (cancellable))
    stream_post (self, MAIL_URGENT);
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
  g_autoptr (GError) error = NULL;
  GBytes *bytes = NULL;
  GTask *gone = NULL;

  g_mutex_lock (&self->lock);
  /* One who cancelled is out of the way, even if his mail has not been read yet. */
  if (self->receiver != NULL && task_is_cancelled (self->receiver))
    gone = g_steal_pointer (&self->receiver);
  if (self->receiver != NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING,
                         "Somebody already receives from this stream.");
  else if (stream_get_receive_error (self) != NULL)
    error = g_error_copy (stream_get_receive_error (self));
  else if (stream_is_readable (self) && !task_is_cancelled (task))
    bytes = stream_take_bytes (self, max);
  else
    {
      self->receiver = task;
      self->receiver_max = max;
    }
  g_mutex_unlock (&self->lock);

  if (gone != NULL)
    stream_complete (gone, NULL, NULL);
  if (error != NULL || bytes != NULL)
    stream_complete (task, error, bytes);
  else if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
    stream_post (self, MAIL_URGENT);
}

GBytes *
quic_stream_receive_finish (QuicStream *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
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
  stream_post (self, MAIL_URGENT);
}
