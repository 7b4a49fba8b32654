/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/transfer/send_messages.h"

#include "net/transfer/entry_sentence.h"

bool
send_flow_mark_settled (SendFlow *flow, const OfferEntry *entry)
{
  uint8_t bit = 1u << entry->id % 8;
  bool first = !(flow->settled[entry->id / 8] & bit);
  flow->settled[entry->id / 8] |= bit;
  flow->n_settled += first && entry->kind == OFFER_FILE;
  return first;
}

static bool
refuse_report (uint32_t id, GError **error)
{
  g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "a report on entry %u", id);
  return false;
}

static bool
take_verified (SendFlow *flow, const TransferControl *control, GError **error)
{
  for (uint32_t i = 0; i < control->verified.n_entries; i++)
    {
      uint32_t id = control->verified.entries[i];
      OfferEntry entry;
      if (!offer_get_entry (flow->offer, id, &entry) || entry.kind != OFFER_FILE ||
          !send_flow_mark_settled (flow, &entry))
        return refuse_report (id, error);
    }
  flow->run.files_done += control->verified.n_entries;
  return true;
}

static bool
take_failed (SendFlow *flow, uint32_t id, ControlReason reason, GError **error)
{
  OfferEntry entry;
  if (!offer_get_entry (flow->offer, id, &entry) ||
      (entry.kind == OFFER_FOLDER && reason == CONTROL_REASON_CHECKSUM))
    return refuse_report (id, error);
  if (!send_flow_mark_settled (flow, &entry)) /* it failed at both ends at once */
    return true;
  g_autofree char *path = offer_entry_dup_path (&entry);
  g_autofree char *sentence = failed_folders_cover (flow->failed, path, NULL)
                                  ? NULL
                                  : entry_sentence_not_written (path, reason);
  if (entry.kind == OFFER_FOLDER)
    failed_folders_add (flow->failed, path, reason);
  entry_failures_add (&flow->run.failures, flow->run.transfer, entry.kind,
                      reason == CONTROL_REASON_CHECKSUM ? TRANSFER_REASON_CHECKSUM
                                                        : TRANSFER_REASON_REMOTE_FILE,
                      sentence);
  return true;
}

static bool
take_done (SendFlow *flow, const TransferControl *control, GError **error)
{
  uint32_t n_files = offer_get_n_files (flow->offer);
  uint64_t n_verified = flow->run.files_done;
  if (flow->n_settled != n_files || control->done.files != n_verified ||
      control->done.failed != n_files - n_verified)
    {
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                   "done with %u and %u files, but %" G_GUINT64_FORMAT " of %u were verified",
                   control->done.files, control->done.failed, n_verified, n_files);
      return false;
    }
  transfer_run_peer_finished (&flow->run);
  dex_promise_resolve_boolean (flow->done, true);
  return true;
}

bool
send_messages_take (const TransferControl *control, gpointer user_data, GError **error)
{
  SendFlow *flow = user_data;
  if (transfer_run_is_over (&flow->run))
    return transfer_run_take_late_message (&flow->run, control);
  switch (control->type)
    {
    case CONTROL_ACCEPT:
      dex_promise_resolve_boolean (flow->accepted, true);
      return true;
    case CONTROL_DECLINE:
      transfer_run_peer_ended (&flow->run, control->decline.reason,
                               dex_future_is_pending (DEX_FUTURE (flow->accepted)));
      return true;
    case CONTROL_CANCEL:
      transfer_run_peer_ended (&flow->run, control->cancel.reason,
                               dex_future_is_pending (DEX_FUTURE (flow->accepted)));
      return true;
    case CONTROL_VERIFIED:
      return take_verified (flow, control, error);
    case CONTROL_CHECKSUM_MISMATCH:
      return take_failed (flow, control->mismatch.entry_id, CONTROL_REASON_CHECKSUM, error);
    case CONTROL_ENTRY_FAILED:
      return take_failed (flow, control->failed.entry_id, control->failed.reason, error);
    case CONTROL_DONE:
      return take_done (flow, control, error);
    case CONTROL_FILE_REQUEST:
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
      return control_channel_refuse (flow->run.control, control_type_name (control->type), error);
    case CONTROL_PROGRESS:
    case CONTROL_UNSUPPORTED:
      return true;
    case CONTROL_OFFER:
    case CONTROL_FILE_DONE:
    default:
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "%s from the receiver",
                   control_type_name (control->type));
      return false;
    }
}
