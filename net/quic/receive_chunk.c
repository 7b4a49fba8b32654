/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/receive_chunk.h"

#include <glib.h>

Chunk *
chunk_new (size_t capacity)
{
  Chunk *chunk = g_malloc (sizeof *chunk + capacity);
  *chunk = (Chunk) { .capacity = capacity };
  return chunk;
}

void
chunks_free (Chunk *first)
{
  while (first)
    {
      Chunk *next = first->next;
      g_free (first);
      first = next;
    }
}
