/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sending worker: reads the files of an offer one after the other, hashes and seals them into a
 * data stream. */
#pragma once

#include "net/transfer/ledger.h"
#include "net/disk/tree.h"
#include "net/quic/stream.h"

G_BEGIN_DECLS

typedef struct
{
  Tree *tree;
  const Offer *offer;
  QuicStream *stream;
  const uint8_t *transfer_key; /* sodium memory */
  GCancellable *cancellable;
  Ledger *ledger;
} Source;

/** Sends every file of the offer, in order, and ends the stream. A file that cannot be read, or
 * that is not what was offered or changes while it is read, is abandoned and entered in the ledger;
 * the others go on. Fails only when the stream does, or when cancelled. A WorkerFunc over a
 * Source. */
bool source_send (gpointer source, GError **error);

G_END_DECLS
