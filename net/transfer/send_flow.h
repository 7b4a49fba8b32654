/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of sending share: send.c, which goes through the steps, and send_messages.c, which
 * hears the receiver. Main thread only. */
#pragma once

#include "net/transfer/failed_folders.h"
#include "net/transfer/run.h"
#include "net/transfer/source.h"

G_BEGIN_DECLS

typedef struct
{
  TransferRun run;
  DexFuture *connecting; /* until it has been awaited */
  int expiry_ms;
  Offer *offer;
  Tree *tree;
  Source source;
  DexPromise *accepted;
  DexPromise *done;      /* the receiver has the last word */
  uint8_t *settled;      /* one bit per entry that the receiver reported on, or that failed here */
  uint32_t n_settled;    /* of them, files */
  FailedFolders *failed; /* at the receiver */
  uint32_t n_abandoned;  /* failed here; what Sink.n_abandoned counts at the receiver */
} SendFlow;

G_END_DECLS
