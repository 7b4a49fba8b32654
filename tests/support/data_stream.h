/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A data stream between two devices, for a worker at one end and the test at the other. */
#pragma once

#include "net/core/chunk.h"
#include "net/transfer/ledger.h"
#include "tests/support/two_devices.h"

typedef struct
{
  TwoDevices devices;
  SecureConnection *peer; /* the sender's */
  Offer *offer;           /* empty */
  uint8_t key[CHUNK_KEY_LEN];
  GCancellable *cancellable;
  Ledger *ledger;
  QuicStream *out;
} DataStream;

void data_stream_init (DataStream *self);
void data_stream_clear (DataStream *self);
/** The receiver's end; shows once something was sent. (transfer full) */
QuicStream *data_stream_accept (DataStream *self);
void data_stream_offer (DataStream *self, const char *path, OfferKind kind, uint64_t size);
