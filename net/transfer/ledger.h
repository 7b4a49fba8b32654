/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker thread has to tell the main thread about a running transfer: how many bytes went
 * through, and what became of each file. The worker writes, the main thread looks every 100 ms. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/core/control.h"

typedef struct
{
  uint32_t entry_id;
  bool ok;
  ControlReason reason; /* unless ok */
  bool told;            /* unless ok: the other side has said it itself */
  /* (owned) at the receiver; ok: the path that was written, else a sentence, NULL when that was
   * told of the folder above. NULL at the sender */
  char *text;
  uint8_t digest[CONTROL_DIGEST_LEN]; /* ok */
} LedgerItem;

typedef struct Ledger Ledger;

Ledger *ledger_new (void);
void ledger_free (Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ledger, ledger_free)

/** Worker. */
void ledger_count_bytes (Ledger *ledger, uint64_t bytes);
/** Worker. Takes item->text. */
void ledger_add (Ledger *ledger, const LedgerItem *item);

/** Any thread. */
uint64_t ledger_get_bytes (const Ledger *ledger);
bool ledger_is_empty (Ledger *ledger);
/** Main: up to @max items that were not taken yet, in order; NULL when there are none.
 * Returns: (transfer full) (element-type LedgerItem) */
GArray *ledger_take (Ledger *ledger, guint max);
