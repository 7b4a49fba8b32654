/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream header and any number of record headers without their bodies: what is taken encodes to
 * the same bytes, and the records of a file lie end to end. */
#include "net/core/chunk.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ChunkStreamHeader stream;
  if (size < CHUNK_STREAM_HEADER_LEN || !chunk_stream_header_parse (&stream, data, NULL))
    return 0;
  uint8_t stream_again[CHUNK_STREAM_HEADER_LEN];
  chunk_stream_header_encode (&stream, stream_again);
  g_assert_true (memcmp (stream_again, data, sizeof stream_again) == 0);

  ChunkCursor cursor = { 0 };
  const uint8_t *end = data + size;
  for (data += CHUNK_STREAM_HEADER_LEN; end - data >= CHUNK_HEADER_LEN; data += CHUNK_HEADER_LEN)
    {
      ChunkHeader header;
      const ChunkCursor before = cursor;
      if (!chunk_header_parse (&header, data, NULL) ||
          !chunk_cursor_advance (&cursor, &header, NULL))
        return 0;
      uint8_t again[CHUNK_HEADER_LEN];
      chunk_header_encode (&header, again);
      g_assert_true (memcmp (again, data, sizeof again) == 0);
      g_assert_true (chunk_body_len (&header) <= CHUNK_BODY_MAX);
      g_assert_true (cursor.offset <= INT64_MAX);
      g_assert_true (before.in_file
                         ? header.offset == before.offset && cursor.index == before.index + 1
                         : cursor.files == before.files + 1 && cursor.index == 0);
    }
  return 0;
}
