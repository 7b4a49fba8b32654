/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/record_writer.h"

#include <sodium.h>
#include <string.h>

#include "net/transfer/aead.h"

#define RECORD_OVERHEAD (CHUNK_HEADER_LEN + CHUNK_DIGEST_LEN + CHUNK_TAG_LEN)
#define BUFFER_LEN      (CHUNK_SIZE_DEFAULT + RECORD_OVERHEAD)
/* As many as can be on their way: giving them back to the system would cost a page fault for each
 * page of each. */
#define IDLE_MAX (QUIC_STREAM_SEND_HIGH / CHUNK_SIZE_DEFAULT + 2)

/* Buffers come home from the net thread, possibly after the writer is gone. */
typedef struct
{
  gatomicrefcount refs;
  GMutex mutex;
  gpointer idle[IDLE_MAX];
  unsigned n_idle;
} BufferPool;

typedef struct
{
  BufferPool *pool;
  uint8_t data[BUFFER_LEN];
} Buffer;

struct RecordWriter
{
  QuicStream *stream;
  GCancellable *cancellable;
  BufferPool *pool;
  Buffer *buffer; /* being filled */
  size_t used;
  ChunkStreamHeader header;
  ChunkCursor cursor;
  const uint8_t *transfer_key;
  uint8_t *file_key; /* sodium memory */
  Aead *aead;        /* under the key of the current file */
};

static void
buffer_pool_unref (BufferPool *pool)
{
  if (!g_atomic_ref_count_dec (&pool->refs))
    return;
  for (unsigned i = 0; i < pool->n_idle; i++)
    g_free (pool->idle[i]);
  g_mutex_clear (&pool->mutex);
  g_free (pool);
}

static Buffer *
buffer_new (BufferPool *pool)
{
  g_mutex_lock (&pool->mutex);
  Buffer *buffer = pool->n_idle ? pool->idle[--pool->n_idle] : NULL;
  g_mutex_unlock (&pool->mutex);
  if (!buffer)
    buffer = g_malloc (sizeof *buffer);
  g_atomic_ref_count_inc (&pool->refs);
  buffer->pool = pool;
  return buffer;
}

static void
buffer_free (gpointer data)
{
  Buffer *buffer = data;
  BufferPool *pool = buffer->pool;
  g_mutex_lock (&pool->mutex);
  if (pool->n_idle < IDLE_MAX)
    pool->idle[pool->n_idle++] = g_steal_pointer (&buffer);
  g_mutex_unlock (&pool->mutex);
  g_free (buffer);
  buffer_pool_unref (pool);
}

RecordWriter *
record_writer_new (QuicStream *stream, const TransferId *id, const uint8_t *transfer_key,
                   GCancellable *cancellable)
{
  RecordWriter *self = g_new0 (RecordWriter, 1);
  self->stream = quic_stream_ref (stream);
  self->cancellable = g_object_ref (cancellable);
  self->transfer_key = transfer_key;
  self->file_key = sodium_malloc (CHUNK_KEY_LEN);
  self->pool = g_new0 (BufferPool, 1);
  g_atomic_ref_count_init (&self->pool->refs);
  g_mutex_init (&self->pool->mutex);
  self->buffer = buffer_new (self->pool);
  self->aead = aead_new (aead_preferred (), transfer_key); /* each file brings its own */
  chunk_stream_header_generate (&self->header, id,
                                aead_preferred () == AEAD_AES_256_GCM
                                    ? CHUNK_CIPHER_AES_256_GCM
                                    : CHUNK_CIPHER_CHACHA20_POLY1305);
  chunk_stream_header_encode (&self->header, self->buffer->data);
  self->used = CHUNK_STREAM_HEADER_LEN;
  return self;
}

void
record_writer_free (RecordWriter *self)
{
  aead_free (self->aead);
  g_clear_pointer (&self->buffer, buffer_free);
  sodium_free (self->file_key);
  buffer_pool_unref (self->pool);
  quic_stream_unref (self->stream);
  g_object_unref (self->cancellable);
  g_free (self);
}

bool
record_writer_flush (RecordWriter *self, GError **error)
{
  if (self->used == 0)
    return true;
  Buffer *full = self->buffer;
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (full->data, self->used, buffer_free, full);
  self->buffer = buffer_new (self->pool);
  self->used = 0;
  return quic_stream_send (self->stream, bytes, self->cancellable, error);
}

bool
record_writer_reserve (RecordWriter *self, size_t max, uint8_t **content, GError **error)
{
  if (self->used + max + RECORD_OVERHEAD > BUFFER_LEN && !record_writer_flush (self, error))
    return false;
  *content = self->buffer->data + self->used + CHUNK_HEADER_LEN;
  return true;
}

void
record_writer_put (RecordWriter *self, const ChunkHeader *header,
                   const uint8_t digest[CHUNK_DIGEST_LEN])
{
  g_autoptr (GError) error = NULL;
  if (!chunk_cursor_advance (&self->cursor, header, &error))
    g_error ("records written out of order: %s", error->message);
  if (header->flags & CHUNK_FIRST)
    {
      chunk_file_key (self->file_key, self->transfer_key, &self->header, &self->cursor);
      aead_rekey (self->aead, self->file_key);
    }

  uint8_t *head = self->buffer->data + self->used;
  uint8_t *body = head + CHUNK_HEADER_LEN;
  size_t plain_len = chunk_plain_len (header);
  chunk_header_encode (header, head);
  if (header->flags & CHUNK_LAST)
    memcpy (body + header->length, digest, CHUNK_DIGEST_LEN);
  uint8_t nonce[AEAD_NONCE_LEN];
  chunk_nonce (nonce, &self->cursor);
  aead_seal (self->aead, nonce, head, CHUNK_HEADER_LEN, body, plain_len, body, body + plain_len);
  self->used += CHUNK_HEADER_LEN + chunk_body_len (header);
}
