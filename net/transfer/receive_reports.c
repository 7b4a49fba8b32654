/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/receive_reports.h"

#include <sodium.h>

static void
report_received (ReceiveFlow *flow, const LedgerItem *item)
{
  OfferEntry entry;
  offer_get_entry (flow->offer, item->entry_id, &entry);
  char hex[2 * CONTROL_DIGEST_LEN + 1];
  sodium_bin2hex (hex, sizeof hex, item->digest, sizeof item->digest);
  transfer_entry_received (flow->run.transfer, item->text, entry.size, hex);
}

static void
report_failed (ReceiveFlow *flow, const LedgerItem *item)
{
  TransferControl control = { .type = CONTROL_ENTRY_FAILED };
  control.failed.entry_id = item->entry_id;
  control.failed.reason = item->reason;
  if (item->reason == CONTROL_REASON_CHECKSUM)
    control = (TransferControl) { .type = CONTROL_CHECKSUM_MISMATCH,
                                  .mismatch.entry_id = item->entry_id };
  if (!item->told)
    transfer_run_send (&flow->run, &control);
  OfferEntry entry;
  offer_get_entry (flow->offer, item->entry_id, &entry);
  entry_failures_add (&flow->run.failures, flow->run.transfer, entry.kind,
                      item->told                                ? TRANSFER_REASON_REMOTE_FILE
                      : item->reason == CONTROL_REASON_CHECKSUM ? TRANSFER_REASON_CHECKSUM
                                                                : TRANSFER_REASON_LOCAL_FILE,
                      item->text);
}

void
receive_reports_tell (ReceiveFlow *flow)
{
  TransferRun *run = &flow->run;
  g_autoptr (GArray) items = transfer_run_take_items (run);
  g_autofree uint32_t *verified = items ? g_new (uint32_t, items->len) : NULL;
  uint32_t n_verified = 0;
  for (guint i = 0; items && i < items->len; i++)
    {
      const LedgerItem *item = &g_array_index (items, LedgerItem, i);
      if (item->ok)
        {
          verified[n_verified++] = item->entry_id;
          report_received (flow, item);
        }
      else
        report_failed (flow, item);
    }
  for (uint32_t i = 0; i < n_verified; i += CONTROL_VERIFIED_MAX)
    transfer_run_send (run, &(TransferControl) { .type = CONTROL_VERIFIED,
                                                 .verified.entries = verified + i,
                                                 .verified.n_entries =
                                                     MIN (n_verified - i, CONTROL_VERIFIED_MAX) });
  space_share_used (flow->share, ledger_get_bytes (run->ledger));
  run->files_done += n_verified;
  transfer_report (run->transfer, ledger_get_bytes (run->ledger), run->files_done,
                   run->failures.n_files, g_get_monotonic_time ());
}
