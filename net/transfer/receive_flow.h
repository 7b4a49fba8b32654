/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of receiving share: receive.c, which goes through the steps, receive_messages.c,
 * which hears the sender, and receive_reports.c, which tells what was written. Main thread only. */
#pragma once

#include "net/transfer/incoming_offers.h"
#include "net/transfer/run.h"
#include "net/transfer/sink.h"
#include "net/transfer/space_table.h"

G_BEGIN_DECLS

typedef struct
{
  TransferRun run;
  WherryDevice *device;
  GFile *folder;
  int expiry_ms;
  void (*offered) (WherryTransfer *transfer, gpointer user_data);
  gpointer user_data;

  Offer *offer;
  IncomingOffer *incoming; /* what it may take */
  SpaceTable *table;
  SpaceShare *share; /* once it was accepted */
  Sink sink;
  DexPromise *complete; /* the offer is */
  DexPromise *answered; /* the person has accepted */
  DexPromise *data;     /* QuicStream */
  DexFuture *waiting_for_data;
  DexPromise *sender_done; /* the sender said done */
  uint32_t done_files;     /* with so many */
  uint32_t done_failed;
} ReceiveFlow;

G_END_DECLS
