/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_private.h"

#include "net/quic/quic_error.h"

/* Flow control credit is returned in pieces of this size for a whole connection; a sixteenth of a
 * stream's first window. */
#define CREDIT_WORTH_WAKING (128 * 1024)

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
  StreamHost *host = g_steal_pointer (&self->host);
  g_mutex_unlock (&self->lock);
  stream_notify_net (self, CALL_URGENT);
  host->unref (host);
  quic_stream_release (self);
}

QuicStream *
quic_stream_hand_out (QuicStream *self)
{
  quic_stream_keep (self);
  g_atomic_ref_count_init (&self->handles);
  self->host->ref (self->host);
  return self;
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
stream_note_consumed (QuicStream *self, size_t len)
{
  size_t sum = __atomic_add_fetch (&self->host->consumed, len, __ATOMIC_RELAXED);
  self->consumed += len;
  stream_notify_net (self, sum >= CREDIT_WORTH_WAKING ? CALL_URGENT : CALL_LAZY);
}

void
stream_drop_first_chunk (QuicStream *self)
{
  self->first = self->first->next;
  if (!self->first)
    self->last = NULL;
}

GBytes *
stream_take_bytes (QuicStream *self, size_t max)
{
  Chunk *chunk = self->first;
  if (!chunk)
    return g_bytes_new (NULL, 0);
  size_t len = MIN (max, chunk->len - chunk->taken);
  GBytes *bytes;
  if (len < chunk->len - chunk->taken)
    {
      bytes = g_bytes_new (chunk->data + chunk->taken, len);
      chunk->taken += len;
    }
  else
    {
      stream_drop_first_chunk (self);
      bytes = g_bytes_new_with_free_func (chunk->data + chunk->taken, len, g_free, chunk);
    }
  self->unread -= len;
  stream_note_consumed (self, len);
  return bytes;
}

bool
stream_is_readable (QuicStream *self)
{
  return self->first || self->ended || self->receive_error;
}

void
stream_complete_waiters_and_unlock (QuicStream *self)
{
  GQueue done = G_QUEUE_INIT;
  GTask *receiver = NULL;
  g_autoptr (GError) send_failure = NULL;
  waiters_take (&self->senders, &done, self->send_error || self->unacked <= STREAM_SEND_LOW);
  waiters_take (&self->drainers, &done, self->send_error || self->drained);
  if (self->send_error)
    send_failure = g_error_copy (self->send_error);
  if (self->receiver && (stream_is_readable (self) || waiter_is_cancelled (self->receiver)))
    {
      receiver = g_steal_pointer (&self->receiver);
      self->taker = g_task_get_task_data (receiver);
    }
  if (self->receive_error || self->ended || self->unread >= self->reader_needs ||
      self->send_error || self->unacked <= STREAM_SEND_LOW)
    g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  waiters_complete (&done, send_failure);
  if (receiver)
    waiter_complete (receiver, NULL, NULL, NULL);
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
