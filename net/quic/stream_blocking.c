/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/stream_private.h"

#include <string.h>

/* A blocked reader is not woken for less, unless it wants less. */
#define READ_WORTH_WAKING (256 * 1024)
/* Chunks a blocking reader has emptied wait here for the net thread, or malloc would give the pages
 * back and fault them in again for every megabyte. */
#define SPARE_CHUNKS_MAX 32

static void
cancelled_blocking_cb (GCancellable *cancellable, gpointer stream)
{
  QuicStream *self = stream;
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static bool
may_send_more (QuicStream *self)
{
  return self->send_error || self->unacked <= STREAM_SEND_LOW;
}

static bool
may_read (QuicStream *self)
{
  return self->unread >= self->reader_needs || self->ended || self->receive_error;
}

/* Called and returns with the lock. Connecting runs the handler at once when already cancelled, and
 * disconnecting waits for it: neither may happen with the lock held. */
static void
wait_until (QuicStream *self, bool (*condition) (QuicStream *), GCancellable *cancellable)
{
  gulong handler = 0;
  if (condition (self))
    return;
  if (cancellable)
    {
      g_mutex_unlock (&self->lock);
      handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_blocking_cb), self, NULL);
      g_mutex_lock (&self->lock);
    }
  while (!condition (self) && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  if (handler != 0)
    {
      g_mutex_unlock (&self->lock);
      g_cancellable_disconnect (cancellable, handler);
      g_mutex_lock (&self->lock);
    }
}

bool
quic_stream_send (QuicStream *self, GBytes *bytes, GCancellable *cancellable, GError **error)
{
  bool ok = true;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return false;
  g_mutex_lock (&self->lock);
  if (!stream_enqueue (self, bytes, error))
    {
      g_mutex_unlock (&self->lock);
      return false;
    }
  if (self->unacked > QUIC_STREAM_SEND_HIGH)
    {
      g_mutex_unlock (&self->lock);
      stream_notify_net (self, CALL_URGENT);
      g_mutex_lock (&self->lock);
      wait_until (self, may_send_more, cancellable);
    }
  if (self->send_error)
    {
      g_propagate_error (error, g_error_copy (self->send_error));
      ok = false;
    }
  else if (!may_send_more (self) && g_cancellable_set_error_if_cancelled (cancellable, error))
    ok = false;
  g_mutex_unlock (&self->lock);
  stream_notify_net (self, CALL_URGENT);
  return ok;
}

/* Called with the lock. Once FIN is here no more will be needed. */
static void
recycle (QuicStream *self, Chunk *emptied)
{
  while (emptied)
    {
      Chunk *chunk = emptied;
      emptied = chunk->next;
      if (chunk->capacity < CHUNK_LARGE || self->n_spare >= SPARE_CHUNKS_MAX || self->ended)
        {
          g_free (chunk);
          continue;
        }
      *chunk = (Chunk) { .next = self->spare, .capacity = chunk->capacity };
      self->spare = chunk;
      self->n_spare++;
    }
}

/* Called and returns with the lock. Whole chunks are copied without it, so that the net thread need
 * not wait. */
static size_t
copy_out (QuicStream *self, uint8_t *buffer, size_t len)
{
  Chunk *whole = self->first, *emptied = NULL;
  size_t copied = 0, stolen = 0;
  while (self->first && self->first->len - self->first->taken <= len - stolen)
    {
      stolen += self->first->len - self->first->taken;
      stream_drop_first_chunk (self);
    }
  Chunk *chunk = self->first;
  if (chunk)
    {
      size_t n = len - stolen;
      memcpy (buffer + stolen, chunk->data + chunk->taken, n);
      chunk->taken += n;
      self->unread -= n;
    }
  self->unread -= stolen;
  if (stolen > 0 || chunk)
    stream_note_consumed (self, chunk ? len : stolen);
  g_mutex_unlock (&self->lock);
  while (copied < stolen)
    {
      Chunk *next = whole->next;
      memcpy (buffer + copied, whole->data + whole->taken, whole->len - whole->taken);
      copied += whole->len - whole->taken;
      whole->next = emptied;
      emptied = whole;
      whole = next;
    }
  g_mutex_lock (&self->lock);
  recycle (self, emptied);
  return chunk ? len : stolen;
}

gssize
quic_stream_read (QuicStream *self, uint8_t *buffer, size_t len, GCancellable *cancellable,
                  GError **error)
{
  size_t got = 0;
  gssize result = -1;
  g_mutex_lock (&self->lock);
  for (;;)
    {
      got += copy_out (self, buffer + got, len - got);
      if (got == len || (self->ended && !self->first))
        {
          result = (gssize) got;
          break;
        }
      if (self->receive_error)
        {
          g_propagate_error (error, g_error_copy (self->receive_error));
          break;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        break;
      self->reader_needs = MIN (len - got, READ_WORTH_WAKING);
      wait_until (self, may_read, cancellable);
    }
  self->reader_needs = 0;
  g_mutex_unlock (&self->lock);
  return result;
}
