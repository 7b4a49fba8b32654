/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_shared.h"

#include <string.h>

/* Flow control credit is returned in pieces of this size for a whole connection; an eighth of a
 * stream's first window. */
#define CREDIT_WORTH_WAKING (128 * 1024)

/* Takes the reference. */
void
stream_complete (GTask *task, const GError *error)
{
  StreamWaiting *waiting = g_task_get_task_data (task);
  if (waiting->handler != 0)
    g_cancellable_disconnect (waiting->cancellable, waiting->handler);
  if (error)
    g_task_return_error (task, g_error_copy (error));
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Moves what is done (all, or only what was cancelled) from @waiting to @done. */
static void
pick (GQueue *waiting, GQueue *done, bool all)
{
  for (GList *l = waiting->head, *next; l; l = next)
    {
      next = l->next;
      if (all || task_is_cancelled (l->data))
        {
          g_queue_unlink (waiting, l);
          g_queue_push_tail_link (done, l);
        }
    }
}

void
stream_note_consumed (QuicStream *self, size_t len)
{
  self->consumed += len;
  stream_notify_net (self,
                     quic_connection_count_consumed (self->connection, len) >= CREDIT_WORTH_WAKING
                         ? CALL_URGENT
                         : CALL_LAZY);
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
  GQueue senders = G_QUEUE_INIT, drainers = G_QUEUE_INIT;
  GTask *receiver = NULL;
  g_autoptr (GError) send_failure = NULL;
  pick (&self->senders, &senders, self->send_error || self->unacked <= STREAM_SEND_LOW);
  pick (&self->drainers, &drainers, self->send_error || self->drained);
  if (self->send_error)
    send_failure = g_error_copy (self->send_error);
  if (self->receiver && (stream_is_readable (self) || task_is_cancelled (self->receiver)))
    {
      receiver = g_steal_pointer (&self->receiver);
      self->taker = g_task_get_task_data (receiver);
    }
  if (self->receive_error || self->ended || self->unread >= self->reader_needs ||
      self->send_error || self->unacked <= STREAM_SEND_LOW)
    g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  GTask *task;
  while ((task = g_queue_pop_head (&senders)))
    stream_complete (task, send_failure);
  while ((task = g_queue_pop_head (&drainers)))
    stream_complete (task, send_failure);
  if (receiver)
    stream_complete (receiver, NULL);
}

static void
run_call (QueuedCall *call, gpointer reader)
{
  QuicStream *self = (QuicStream *) ((char *) call - G_STRUCT_OFFSET (QuicStream, call));
  if (self->net)
    net_stream_deliver (self->net);
  g_mutex_lock (&self->lock);
  stream_complete_waiters_and_unlock (self);
  quic_stream_release (self);
}

QuicStream *
quic_stream_new (QuicConnection *connection, CallQueue *calls, int64_t id, bool can_send,
                 bool can_receive, NetStream *net)
{
  QuicStream *self = g_new0 (QuicStream, 1);
  g_atomic_ref_count_init (&self->memory);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->connection = connection;
  self->calls = call_queue_ref (calls);
  self->call.run = run_call;
  self->id = id;
  self->bidirectional = can_send && can_receive;
  self->net = net;
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
  self->unacked -= MIN (self->unacked, update->acked); /* nothing counts after a failure */
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
  self->net = NULL;
  if (error)
    quic_stream_fail (self, STREAM_SENDING | STREAM_RECEIVING, error);
}
