/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Received bytes in a list of buffers: the net thread appends to it until a reader takes the
 * whole. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct Chunk
{
  struct Chunk *next;
  size_t capacity;
  size_t len;
  size_t taken; /* by the reader */
  uint8_t data[];
} Chunk;

#define CHUNK_LARGE 65536

Chunk *chunk_new (size_t capacity);
/** Frees the whole list. */
void chunks_free (Chunk *first);
