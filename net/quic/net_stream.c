/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/net_stream.h"

#include <string.h>

/* The first chunk of a turn is small, since most streams carry small messages. */
#define SMALL_CHUNK 2048

NetStream *
net_stream_new (gpointer connection, int64_t id, unsigned flags)
{
  NetStream *self = g_new0 (NetStream, 1);
  self->connection = connection;
  self->id = id;
  self->flags = flags;
  return self;
}

void
net_stream_free (NetStream *self)
{
  g_queue_clear_full (&self->pieces, (GDestroyNotify) g_bytes_unref);
  chunks_free (self->update.first);
  chunks_free (self->spare);
  quic_stream_release (self->shared);
  g_free (self);
}

size_t
net_stream_peek (const NetStream *self, ngtcp2_vec *vec, size_t max)
{
  size_t count = 0, at = self->cursor_at;
  for (GList *l = self->cursor; l && count < max; l = l->next, at = 0)
    {
      size_t len;
      const uint8_t *data = g_bytes_get_data (l->data, &len);
      vec[count++] = (ngtcp2_vec) { .base = (uint8_t *) data + at, .len = len - at };
    }
  return count;
}

bool
net_stream_has_work (const NetStream *self)
{
  return self->flags & NET_STREAM_SENDING &&
         (self->unsent > 0 ||
          (self->flags & NET_STREAM_FIN_WANTED && !(self->flags & NET_STREAM_FIN_SENT)));
}

void
net_stream_note_sent (NetStream *self, size_t len, bool fin)
{
  self->sent += len;
  self->unsent -= len;
  if (fin)
    self->flags |= NET_STREAM_FIN_SENT | (len == 0 ? NET_STREAM_FIN_ALONE : 0);
  while (len > 0)
    {
      size_t left = g_bytes_get_size (self->cursor->data) - self->cursor_at;
      if (len < left)
        {
          self->cursor_at += len;
          return;
        }
      len -= left;
      self->cursor = self->cursor->next;
      self->cursor_at = 0;
    }
}

void
net_stream_note_acked (NetStream *self, size_t len, bool lost)
{
  bool was_fin = len == 0;
  self->acked += len;
  self->update.acked += len;
  self->head_acked += len;
  while (self->pieces.head && self->head_acked >= g_bytes_get_size (self->pieces.head->data))
    {
      GBytes *piece = g_queue_pop_head (&self->pieces);
      self->head_acked -= g_bytes_get_size (piece);
      g_bytes_unref (piece);
    }
  /* After a loss, ngtcp2 may have joined a lonely FIN to data, and then acknowledges it without
   * saying so. */
  if (self->flags & NET_STREAM_FIN_SENT &&
      (was_fin || !(self->flags & NET_STREAM_FIN_ALONE) || lost))
    self->flags |= NET_STREAM_FIN_ACKED;
  if (self->flags & NET_STREAM_FIN_ACKED && self->acked == self->sent)
    self->update.drained = true;
}

static Chunk *
empty_chunk (NetStream *self, bool small)
{
  Chunk *chunk = self->spare;
  if (small || !chunk)
    return chunk_new (small ? SMALL_CHUNK : CHUNK_LARGE);
  self->spare = chunk->next;
  chunk->next = NULL;
  return chunk;
}

void
net_stream_note_received (NetStream *self, const uint8_t *data, size_t len, bool fin)
{
  StreamUpdate *update = &self->update;
  while (len > 0)
    {
      if (!update->last || update->last->len == update->last->capacity)
        {
          Chunk *chunk = empty_chunk (self, !update->last && len <= SMALL_CHUNK / 2);
          if (!update->last)
            update->first = chunk;
          else
            update->last->next = chunk;
          update->last = chunk;
        }
      size_t n = MIN (len, update->last->capacity - update->last->len);
      memcpy (update->last->data + update->last->len, data, n);
      update->last->len += n;
      data += n;
      len -= n;
    }
  if (fin)
    {
      update->fin = true;
      self->flags &= ~NET_STREAM_RECEIVING;
    }
}

void
net_stream_append (NetStream *self, GQueue *bytes)
{
  GBytes *piece;
  while ((piece = g_queue_pop_head (bytes)))
    {
      g_queue_push_tail (&self->pieces, piece);
      self->unsent += g_bytes_get_size (piece);
      if (!self->cursor)
        self->cursor = self->pieces.tail;
    }
}

void
net_stream_publish (NetStream *self)
{
  StreamUpdate update = self->update;
  self->update = (StreamUpdate) { 0 };
  update.want_spare = !self->spare;
  quic_stream_publish (self->shared, &update);
  if (update.want_spare)
    self->spare = update.spare;
}
