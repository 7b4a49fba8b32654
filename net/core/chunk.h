/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data streams of a transfer: layout, limits, keys and nonces. The cipher itself is the
 * caller's.
 *
 * A transfer uses one or more uni streams, each opened by the sender of the files. A stream
 * begins with a header and carries any number of files one after the other, without a round trip
 * between them; a file is never split over streams. All integers are big-endian.
 * docs/protocol.md has the layout.
 *
 * A small file is one record, FIRST and LAST: one sealing, 68 bytes beside its content. Every
 * record but the last of a file carries at least CHUNK_SIZE_MIN bytes, which bounds the work that
 * a peer can cause with tiny ones.
 *
 * Keys: transfer key = session_derive (session, CHUNK_KEY_LABEL, transfer id): fresh for each
 * transfer and connection, it never travels. File key = BLAKE3 derive_key (context, transfer key
 * | salt | number of the file in the stream | entry id): no two files, and no two attempts at
 * one, ever share a key, whatever changed on disk in between. Nonce = four zero bytes and the
 * number of the record in the file, from 0. */
#pragma once

#include "net/core/transfer_id.h"

#define CHUNK_SIZE_MIN          (64 * 1024)
#define CHUNK_SIZE_DEFAULT      (256 * 1024)
#define CHUNK_SIZE_MAX          (4 * 1024 * 1024)
#define CHUNK_STREAM_HEADER_LEN 40
#define CHUNK_HEADER_LEN        20
#define CHUNK_SALT_LEN          16
#define CHUNK_DIGEST_LEN        32
#define CHUNK_TAG_LEN           16
#define CHUNK_KEY_LEN           32
#define CHUNK_NONCE_LEN         12
#define CHUNK_KEY_LABEL         "transfer"
/** The longest body: content, digest and tag. */
#define CHUNK_BODY_MAX (CHUNK_SIZE_MAX + CHUNK_DIGEST_LEN + CHUNK_TAG_LEN)

typedef enum
{
  CHUNK_FIRST = 1 << 0,
  CHUNK_LAST = 1 << 1,
  CHUNK_COMPRESSED = 1 << 2, /* refused by this version */
  CHUNK_ABANDONED = 1 << 3,
} ChunkFlags;

typedef enum
{
  CHUNK_ERROR_INVALID,     /* magic, reserved bits, lengths */
  CHUNK_ERROR_UNSUPPORTED, /* a later version, compression */
  CHUNK_ERROR_ORDER,       /* a record that cannot follow the one before */
} ChunkError;

#define CHUNK_ERROR (chunk_error_quark ())
GQuark chunk_error_quark (void);

typedef enum
{
  CHUNK_CIPHER_AES_256_GCM = 1,
  CHUNK_CIPHER_CHACHA20_POLY1305,
} ChunkCipher;

typedef struct
{
  TransferId transfer_id;
  ChunkCipher cipher;
  uint8_t salt[CHUNK_SALT_LEN];
} ChunkStreamHeader;

typedef struct
{
  unsigned flags; /* ChunkFlags */
  uint32_t entry_id;
  uint64_t offset;
  uint32_t length; /* bytes of content */
} ChunkHeader;

/** Where a reader or writer is in a stream; all zero at its start. */
typedef struct
{
  bool in_file;   /* the record before was not the last of its file */
  uint32_t files; /* files begun: the number of the current one is files - 1 */
  uint32_t entry_id;
  uint64_t offset; /* where the next record of this file must begin */
  uint64_t index;  /* number in its file of the record just taken: its nonce */
} ChunkCursor;

/** A fresh random salt. */
void chunk_stream_header_generate (ChunkStreamHeader *header, const TransferId *id,
                                   ChunkCipher cipher);
void chunk_stream_header_encode (const ChunkStreamHeader *header,
                                 uint8_t out[static CHUNK_STREAM_HEADER_LEN]);
bool chunk_stream_header_parse (ChunkStreamHeader *header,
                                const uint8_t data[static CHUNK_STREAM_HEADER_LEN], GError **error);

/** The encoded header is also the associated data of the body. */
void chunk_header_encode (const ChunkHeader *header, uint8_t out[static CHUNK_HEADER_LEN]);
/** Checks everything that can be told from the header alone; offset + length does not overflow
 * int64. */
bool chunk_header_parse (ChunkHeader *header, const uint8_t data[static CHUNK_HEADER_LEN],
                         GError **error);
/** Bytes of plaintext in the body: content and, with LAST, digest. */
size_t chunk_plain_len (const ChunkHeader *header);
/** Bytes of body on the stream. */
size_t chunk_body_len (const ChunkHeader *header);

/** Takes the next record, at either side; CHUNK_ERROR_ORDER when it cannot come now, @cursor is
 * then unchanged. When the header has FIRST, derive the file's key afterwards. */
bool chunk_cursor_advance (ChunkCursor *cursor, const ChunkHeader *header, GError **error);
/** At the end of the stream: CHUNK_ERROR_ORDER when it ends inside a file. */
bool chunk_cursor_end (const ChunkCursor *cursor, GError **error);

/** The key of the file that @cursor is in; @key belongs in sodium memory. */
void chunk_file_key (uint8_t key[static CHUNK_KEY_LEN],
                     const uint8_t transfer_key[static CHUNK_KEY_LEN],
                     const ChunkStreamHeader *stream, const ChunkCursor *cursor);
/** The nonce of the record that @cursor took last. */
void chunk_nonce (uint8_t nonce[static CHUNK_NONCE_LEN], const ChunkCursor *cursor);
