/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/chunk.h"

#include <blake3.h>
#include <sodium.h>
#include <string.h>

#define STREAM_VERSION   1
#define KNOWN_FLAGS      (CHUNK_FIRST | CHUNK_LAST | CHUNK_COMPRESSED | CHUNK_ABANDONED)
#define FILE_KEY_CONTEXT "wherry 2026-11 transfer file key v1"

static const uint8_t magic[4] = { 'W', 'h', 'r', 'T' };

G_DEFINE_QUARK (wherry-chunk-error-quark, chunk_error)

static bool
fail (GError **error, ChunkError code, const char *what)
{
  g_set_error (error, CHUNK_ERROR, code, "The other device sent file data that cannot be read: %s.",
               what);
  return false;
}

static void
put_uint32 (uint8_t *out, uint32_t value)
{
  value = GUINT32_TO_BE (value);
  memcpy (out, &value, sizeof value);
}

static void
put_uint64 (uint8_t *out, uint64_t value)
{
  value = GUINT64_TO_BE (value);
  memcpy (out, &value, sizeof value);
}

static uint32_t
get_uint32 (const uint8_t *data)
{
  uint32_t value;
  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_BE (value);
}

static uint64_t
get_uint64 (const uint8_t *data)
{
  uint64_t value;
  memcpy (&value, data, sizeof value);
  return GUINT64_FROM_BE (value);
}

void
chunk_stream_header_generate (ChunkStreamHeader *header, const TransferId *id, ChunkCipher cipher)
{
  *header = (ChunkStreamHeader) { .transfer_id = *id, .cipher = cipher };
  randombytes_buf (header->salt, sizeof header->salt);
}

void
chunk_stream_header_encode (const ChunkStreamHeader *header,
                            uint8_t out[static CHUNK_STREAM_HEADER_LEN])
{
  memcpy (out, magic, 4);
  out[4] = STREAM_VERSION;
  out[5] = header->cipher;
  out[6] = out[7] = 0;
  memcpy (out + 8, header->transfer_id.bytes, TRANSFER_ID_LEN);
  memcpy (out + 24, header->salt, CHUNK_SALT_LEN);
}

bool
chunk_stream_header_parse (ChunkStreamHeader *header,
                           const uint8_t data[static CHUNK_STREAM_HEADER_LEN], GError **error)
{
  if (memcmp (data, magic, 4) != 0)
    return fail (error, CHUNK_ERROR_INVALID, "it does not begin as it must");
  if (data[4] != STREAM_VERSION)
    return fail (error, CHUNK_ERROR_UNSUPPORTED, "it is of another version");
  if (data[5] != CHUNK_CIPHER_AES_256_GCM && data[5] != CHUNK_CIPHER_CHACHA20_POLY1305)
    return fail (error, CHUNK_ERROR_UNSUPPORTED, "its cipher is not known");
  if (data[6] != 0 || data[7] != 0)
    return fail (error, CHUNK_ERROR_INVALID, "reserved bytes are in use");
  header->cipher = data[5];
  memcpy (header->transfer_id.bytes, data + 8, TRANSFER_ID_LEN);
  memcpy (header->salt, data + 24, CHUNK_SALT_LEN);
  return true;
}

void
chunk_header_encode (const ChunkHeader *header, uint8_t out[static CHUNK_HEADER_LEN])
{
  put_uint32 (out, (uint32_t) header->flags << 24);
  put_uint32 (out + 4, header->entry_id);
  put_uint64 (out + 8, header->offset);
  put_uint32 (out + 16, header->length);
}

static bool
check_header (const ChunkHeader *header, GError **error)
{
  bool ends = header->flags & (CHUNK_LAST | CHUNK_ABANDONED);
  if (header->flags & CHUNK_COMPRESSED)
    return fail (error, CHUNK_ERROR_UNSUPPORTED, "it is compressed, but that was not agreed");
  if (header->length > CHUNK_SIZE_MAX)
    return fail (error, CHUNK_ERROR_INVALID, "a record is too long");
  if (header->length < CHUNK_SIZE_MIN && !ends)
    return fail (error, CHUNK_ERROR_INVALID, "a record is too short");
  if (header->offset > (uint64_t) INT64_MAX - header->length)
    return fail (error, CHUNK_ERROR_INVALID, "an offset is too large");
  if ((header->flags & CHUNK_ABANDONED) && ((header->flags & CHUNK_LAST) || header->length > 0))
    return fail (error, CHUNK_ERROR_INVALID, "an abandoned file has content");
  return true;
}

bool
chunk_header_parse (ChunkHeader *header, const uint8_t data[static CHUNK_HEADER_LEN],
                    GError **error)
{
  uint32_t flags = get_uint32 (data);
  ChunkHeader parsed = {
    .flags = flags >> 24,
    .entry_id = get_uint32 (data + 4),
    .offset = get_uint64 (data + 8),
    .length = get_uint32 (data + 16),
  };
  if ((flags & 0xFFFFFF) != 0 || (parsed.flags & ~KNOWN_FLAGS) != 0)
    return fail (error, CHUNK_ERROR_INVALID, "reserved bits are in use");
  if (!check_header (&parsed, error))
    return false;
  *header = parsed;
  return true;
}

size_t
chunk_plain_len (const ChunkHeader *header)
{
  return header->length + (header->flags & CHUNK_LAST ? CHUNK_DIGEST_LEN : 0);
}

size_t
chunk_body_len (const ChunkHeader *header)
{
  return chunk_plain_len (header) + CHUNK_TAG_LEN;
}

bool
chunk_cursor_advance (ChunkCursor *cursor, const ChunkHeader *header, GError **error)
{
  bool first = header->flags & CHUNK_FIRST;
  if (first && cursor->in_file)
    return fail (error, CHUNK_ERROR_ORDER, "a file begins before the one before it ended");
  if (!first && !cursor->in_file)
    return fail (error, CHUNK_ERROR_ORDER, "a file has no beginning");
  if (!first && (header->entry_id != cursor->entry_id || header->offset != cursor->offset))
    return fail (error, CHUNK_ERROR_ORDER, "a record does not continue the one before it");

  cursor->index = first ? 0 : cursor->index + 1;
  cursor->files += first;
  cursor->entry_id = header->entry_id;
  cursor->offset = header->offset + header->length;
  cursor->in_file = (header->flags & (CHUNK_LAST | CHUNK_ABANDONED)) == 0;
  return true;
}

bool
chunk_cursor_end (const ChunkCursor *cursor, GError **error)
{
  return !cursor->in_file || fail (error, CHUNK_ERROR_ORDER, "it ends in the middle of a file");
}

void
chunk_file_key (uint8_t key[static CHUNK_KEY_LEN], const uint8_t transfer_key[static CHUNK_KEY_LEN],
                const ChunkStreamHeader *stream, const ChunkCursor *cursor)
{
  uint8_t place[8];
  put_uint32 (place, cursor->files - 1);
  put_uint32 (place + 4, cursor->entry_id);

  blake3_hasher hasher;
  blake3_hasher_init_derive_key (&hasher, FILE_KEY_CONTEXT);
  blake3_hasher_update (&hasher, transfer_key, CHUNK_KEY_LEN);
  blake3_hasher_update (&hasher, stream->salt, CHUNK_SALT_LEN);
  blake3_hasher_update (&hasher, place, sizeof place);
  blake3_hasher_finalize (&hasher, key, CHUNK_KEY_LEN);
  sodium_memzero (&hasher, sizeof hasher);
}

void
chunk_nonce (uint8_t nonce[static CHUNK_NONCE_LEN], const ChunkCursor *cursor)
{
  memset (nonce, 0, 4);
  put_uint64 (nonce + 4, cursor->index);
}
