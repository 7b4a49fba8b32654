/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/lane.h"

#include <string.h>

#include "net/quic/engine.h"

/* The first chunk of a turn is small, since most streams carry small messages. */
#define SMALL_CHUNK 2048

Lane *
lane_new (Engine *engine, int64_t id, unsigned flags)
{
  Lane *self = g_new0 (Lane, 1);
  self->engine = engine;
  self->id = id;
  self->flags = flags;
  return self;
}

static void
chunks_free (Chunk *chunk)
{
  while (chunk)
    {
      Chunk *next = chunk->next;
      g_free (chunk);
      chunk = next;
    }
}

void
lane_free (Lane *self)
{
  g_queue_clear_full (&self->pieces, (GDestroyNotify) g_bytes_unref);
  chunks_free (self->news.first);
  chunks_free (self->spare);
  quic_stream_release (self->stream);
  g_free (self);
}

size_t
lane_peek (const Lane *self, ngtcp2_vec *vec, size_t max)
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
lane_has_work (const Lane *self)
{
  return self->flags & LANE_SENDING &&
         (self->unsent > 0 || (self->flags & LANE_FIN_WANTED && !(self->flags & LANE_FIN_SENT)));
}

void
lane_note_sent (Lane *self, size_t len, bool fin)
{
  self->sent += len;
  self->unsent -= len;
  if (fin)
    self->flags |= LANE_FIN_SENT | (len == 0 ? LANE_FIN_ALONE : 0);
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
lane_note_acked (Lane *self, size_t len, bool lost)
{
  bool was_fin = len == 0;
  self->acked += len;
  self->news.acked += len;
  self->head_acked += len;
  while (self->pieces.head && self->head_acked >= g_bytes_get_size (self->pieces.head->data))
    {
      GBytes *piece = g_queue_pop_head (&self->pieces);
      self->head_acked -= g_bytes_get_size (piece);
      g_bytes_unref (piece);
    }
  /* After a loss, ngtcp2 may have joined a lonely FIN to data, and then acknowledges it without
   * saying so. */
  if (self->flags & LANE_FIN_SENT && (was_fin || !(self->flags & LANE_FIN_ALONE) || lost))
    self->flags |= LANE_FIN_ACKED;
  if (self->flags & LANE_FIN_ACKED && self->acked == self->sent)
    self->news.drained = true;
}

static Chunk *
empty_chunk (Lane *self, bool small)
{
  Chunk *chunk = self->spare;
  if (small || !chunk)
    return chunk_new (small ? SMALL_CHUNK : CHUNK_LARGE);
  self->spare = chunk->next;
  chunk->next = NULL;
  return chunk;
}

void
lane_note_received (Lane *self, const uint8_t *data, size_t len, bool fin)
{
  StreamNews *news = &self->news;
  while (len > 0)
    {
      if (!news->last || news->last->len == news->last->capacity)
        {
          Chunk *chunk = empty_chunk (self, !news->last && len <= SMALL_CHUNK / 2);
          if (!news->last)
            news->first = chunk;
          else
            news->last->next = chunk;
          news->last = chunk;
        }
      size_t n = MIN (len, news->last->capacity - news->last->len);
      memcpy (news->last->data + news->last->len, data, n);
      news->last->len += n;
      data += n;
      len -= n;
    }
  if (fin)
    {
      news->fin = true;
      self->flags &= ~LANE_RECEIVING;
    }
}

void
lane_append (Lane *self, GQueue *bytes)
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
lane_publish (Lane *self)
{
  StreamNews news = self->news;
  self->news = (StreamNews) { 0 };
  news.want_spare = !self->spare;
  quic_stream_publish (self->stream, &news);
  if (news.want_spare)
    self->spare = news.spare;
}

void
lane_deliver (Lane *self)
{
  StreamOrders orders;
  quic_stream_fetch_orders (self->stream, &orders);
  engine_take_orders (self->engine, self, &orders);
}
