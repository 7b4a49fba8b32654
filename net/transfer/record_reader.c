/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/record_reader.h"

#include <sodium.h>

#include "net/transfer/aead.h"

G_DEFINE_QUARK (wherry-record-error-quark, record_error)

struct RecordReader
{
  QuicStream *stream;
  GCancellable *cancellable;
  TransferId id;
  bool started;
  ChunkStreamHeader header;
  ChunkCursor cursor;
  const uint8_t *transfer_key;
  uint8_t *file_key; /* sodium memory */
  Aead *aead;        /* under the key of the current file */
  uint8_t *body;
  size_t body_size; /* grows to what the peer uses, CHUNK_BODY_MAX at most */
};

RecordReader *
record_reader_new (QuicStream *stream, const TransferId *id, const uint8_t *transfer_key,
                   GCancellable *cancellable)
{
  RecordReader *self = g_new0 (RecordReader, 1);
  self->stream = quic_stream_ref (stream);
  self->cancellable = g_object_ref (cancellable);
  self->id = *id;
  self->transfer_key = transfer_key;
  self->file_key = sodium_malloc (CHUNK_KEY_LEN);
  self->body_size = CHUNK_SIZE_DEFAULT + CHUNK_DIGEST_LEN + CHUNK_TAG_LEN;
  self->body = g_malloc (self->body_size);
  return self;
}

void
record_reader_free (RecordReader *self)
{
  g_clear_pointer (&self->aead, aead_free);
  sodium_free (self->file_key);
  quic_stream_unref (self->stream);
  g_object_unref (self->cancellable);
  g_free (self->body);
  g_free (self);
}

/* @len bytes or an error; with @at_end, an end before the first of them sets it instead. */
static bool
read_exactly (RecordReader *self, uint8_t *buffer, size_t len, bool *at_end, GError **error)
{
  gssize n = quic_stream_read (self->stream, buffer, len, self->cancellable, error);
  if (n < 0)
    return false;
  if (at_end)
    *at_end = n == 0;
  if ((size_t) n == len || (at_end && *at_end))
    return true;
  g_set_error_literal (error, CHUNK_ERROR, CHUNK_ERROR_ORDER, "a data stream ends inside a record");
  return false;
}

static bool
start (RecordReader *self, GError **error)
{
  uint8_t data[CHUNK_STREAM_HEADER_LEN];
  if (!read_exactly (self, data, sizeof data, NULL, error) ||
      !chunk_stream_header_parse (&self->header, data, error))
    return false;
  if (!transfer_id_equal (&self->header.transfer_id, &self->id))
    {
      g_set_error_literal (error, CHUNK_ERROR, CHUNK_ERROR_INVALID,
                           "a data stream does not belong to the accepted offer");
      return false;
    }
  self->aead = aead_new (self->header.cipher == CHUNK_CIPHER_AES_256_GCM ? AEAD_AES_256_GCM
                                                                         : AEAD_CHACHA20_POLY1305,
                         self->transfer_key); /* each file brings its own */
  return self->started = true;
}

static bool
open_body (RecordReader *self, const ChunkHeader *header, const uint8_t *head, GError **error)
{
  if (header->flags & CHUNK_FIRST)
    {
      chunk_file_key (self->file_key, self->transfer_key, &self->header, &self->cursor);
      aead_rekey (self->aead, self->file_key);
    }
  uint8_t nonce[AEAD_NONCE_LEN];
  size_t len = chunk_plain_len (header);
  chunk_nonce (nonce, &self->cursor);
  if (aead_open (self->aead, nonce, head, CHUNK_HEADER_LEN, self->body, len, self->body + len,
                 self->body))
    return true;
  g_set_error_literal (error, RECORD_ERROR, 0, "a record was changed on its way");
  return false;
}

bool
record_reader_next (RecordReader *self, ChunkHeader *header, const uint8_t **content,
                    GError **error)
{
  uint8_t head[CHUNK_HEADER_LEN];
  bool at_end;
  if ((!self->started && !start (self, error)) ||
      !read_exactly (self, head, sizeof head, &at_end, error))
    return false;
  if (at_end)
    {
      *content = NULL;
      return chunk_cursor_end (&self->cursor, error);
    }
  if (!chunk_header_parse (header, head, error) ||
      !chunk_cursor_advance (&self->cursor, header, error))
    return false;

  size_t len = chunk_body_len (header);
  if (len > self->body_size)
    {
      g_free (self->body);
      self->body = g_malloc (len);
      self->body_size = len;
    }
  if (!read_exactly (self, self->body, len, NULL, error) || !open_body (self, header, head, error))
    return false;
  *content = self->body;
  return true;
}
