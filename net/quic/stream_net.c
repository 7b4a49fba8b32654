/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_private.h"

#include <string.h>

static void
run_call (QueuedCall *call, gpointer reader)
{
  QuicStream *self = (QuicStream *) ((char *) call - G_STRUCT_OFFSET (QuicStream, call));
  if (self->requests_changed.net)
    self->requests_changed.run (self->requests_changed.net);
  g_mutex_lock (&self->lock);
  stream_complete_waiters_and_unlock (self);
  quic_stream_release (self);
}

QuicStream *
quic_stream_new (StreamHost *host, CallQueue *calls, int64_t id, bool can_send, bool can_receive,
                 RequestsChanged changed)
{
  QuicStream *self = g_new0 (QuicStream, 1);
  g_atomic_ref_count_init (&self->memory);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->host = host;
  self->calls = call_queue_ref (calls);
  self->call.run = run_call;
  self->id = id;
  self->bidirectional = can_send && can_receive;
  self->requests_changed = changed;
  if (!can_send)
    {
      g_set_error_literal (&self->send_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "The peer sends on this stream.");
      self->drained = true;
    }
  self->ended = !can_receive;
  return self;
}

void
quic_stream_fetch_requests (QuicStream *self, StreamRequests *requests)
{
  g_mutex_lock (&self->lock);
  *requests = (StreamRequests) {
    .bytes = self->outgoing,
    .finish = self->finishing,
    .reset = self->reset,
    .code = self->reset_code,
    .abandoned = self->abandoned,
    .consumed = self->consumed,
  };
  g_queue_init (&self->outgoing);
  self->consumed = 0;
  g_mutex_unlock (&self->lock);
}

/* Small pieces join the last chunk, or a peer that sends single bytes would cost a hundred times
 * what it may send. */
static void
append_chunks (QuicStream *self, Chunk *first)
{
  while (first)
    {
      Chunk *chunk = first;
      first = chunk->next;
      chunk->next = NULL;
      self->unread += chunk->len;
      if (self->last && chunk->len < chunk->capacity / 4 &&
          self->last->capacity - self->last->len >= chunk->len)
        {
          memcpy (self->last->data + self->last->len, chunk->data, chunk->len);
          self->last->len += chunk->len;
          g_free (chunk);
          continue;
        }
      if (self->last)
        self->last->next = chunk;
      else
        self->first = chunk;
      self->last = chunk;
    }
}

void
quic_stream_publish (QuicStream *self, StreamUpdate *update)
{
  g_mutex_lock (&self->lock);
  append_chunks (self, update->first);
  self->ended |= update->fin;
  self->unacked -= MIN (self->unacked, update->acked); /* 0 after a failure */
  self->drained |= update->drained;
  if (update->want_spare)
    {
      update->spare = g_steal_pointer (&self->spare);
      self->n_spare = 0;
    }
  stream_complete_waiters_and_unlock (self);
}

size_t
quic_stream_fail (QuicStream *self, StreamDirections directions, const GError *error)
{
  size_t discarded = 0;
  g_mutex_lock (&self->lock);
  if (directions & STREAM_SENDING && !self->send_error && !self->drained)
    {
      self->send_error = g_error_copy (error);
      g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
      self->unacked = 0;
    }
  if (directions & STREAM_RECEIVING && !self->receive_error && !self->ended)
    {
      self->receive_error = g_error_copy (error);
      chunks_free (g_steal_pointer (&self->first));
      self->last = NULL;
      discarded = self->unread;
      self->unread = 0;
    }
  stream_complete_waiters_and_unlock (self);
  return discarded;
}

size_t
quic_stream_discard_unread (QuicStream *self)
{
  g_mutex_lock (&self->lock);
  chunks_free (g_steal_pointer (&self->first));
  self->last = NULL;
  size_t discarded = self->unread;
  self->unread = 0;
  g_mutex_unlock (&self->lock);
  return discarded;
}

void
quic_stream_detach (QuicStream *self, const GError *error)
{
  self->requests_changed.net = NULL;
  if (error)
    quic_stream_fail (self, STREAM_SENDING | STREAM_RECEIVING, error);
}
