/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a transfer failed by itself, while the rest went on. Main thread only. */
#pragma once

#include "net/core/offer.h"
#include "net/transfer/transfer_private.h"

G_BEGIN_DECLS

typedef struct
{
  GError *first; /* TRANSFER_ERROR; the sentences about the others are notes of the transfer */
  bool first_is_file;
  uint64_t n_files;
} EntryFailures;

void entry_failures_clear (EntryFailures *self);
/** One entry of @transfer failed. @sentence (nullable): not when it was told of the folder
 * above. */
void entry_failures_add (EntryFailures *self, WherryTransfer *transfer, OfferKind kind,
                         TransferReason reason, const char *sentence);
/** What the transfer ends with when nothing else went wrong: the sentence about the first failure,
 * and how many files failed beside it. NULL when there was none. (transfer full) */
GError *entry_failures_summarize (const EntryFailures *self);

G_END_DECLS
