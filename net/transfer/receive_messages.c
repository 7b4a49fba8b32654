/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/receive_messages.h"

#include <glib/gi18n-lib.h>

#include "net/transfer/entry_sentence.h"

static bool
take_offer (ReceiveFlow *flow, bool last, GError **error)
{
  if (!offer_get_options (flow->offer)->encrypt)
    {
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_INVALID, "an offer without sealing");
      return false;
    }
  switch (incoming_offer_grow (flow->incoming, flow->offer))
    {
    case INCOMING_ADMITTED:
      if (last)
        dex_promise_resolve_boolean (flow->complete, true);
      return true;
    case INCOMING_BUSY:
      transfer_run_fail_with (&flow->run, TRANSFER_REASON_BUSY,
                              _ ("Too many offers of this device wait for an answer."));
      return true;
    case INCOMING_DUPLICATE:
    default:
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED,
                           "an offer with the id of another transfer");
      return false;
    }
}

static bool
take_done (ReceiveFlow *flow, const TransferControl *control, GError **error)
{
  if (!dex_future_is_pending (DEX_FUTURE (flow->sender_done)))
    {
      g_set_error_literal (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "done a second time");
      return false;
    }
  flow->done_files = control->done.files;
  flow->done_failed = control->done.failed;
  transfer_set_skipped (flow->run.transfer, control->done.skipped);
  for (uint32_t i = 0; i < control->done.n_first_skipped; i++)
    {
      const ControlSkipped *skipped = &control->done.first_skipped[i];
      g_autofree char *note = entry_sentence_left_out (skipped->path, skipped->reason);
      transfer_note (flow->run.transfer, note);
    }
  dex_promise_resolve_boolean (flow->sender_done, true);
  return true;
}

bool
receive_messages_take (const TransferControl *control, gpointer user_data, GError **error)
{
  ReceiveFlow *flow = user_data;
  TransferRun *run = &flow->run;
  if (transfer_run_is_over (run))
    return transfer_run_take_late_message (run, control);
  switch (control->type)
    {
    case CONTROL_OFFER:
      return take_offer (flow, control->offer.last, error);
    case CONTROL_DONE:
      return take_done (flow, control, error);
    case CONTROL_CANCEL:
      transfer_run_peer_ended (run, control->cancel.reason,
                               !run->transfer ||
                                   wherry_transfer_get_state (run->transfer) == TRANSFER_OFFERED);
      return true;
    case CONTROL_PAUSE:
    case CONTROL_RESUME:
      return control_channel_refuse (run->control, control_type_name (control->type), error);
    case CONTROL_ENTRY_FAILED: /* the data stream has said so, or will */
    case CONTROL_PROGRESS:
    case CONTROL_UNSUPPORTED:
      return true;
    case CONTROL_ACCEPT:
    case CONTROL_DECLINE:
    case CONTROL_FILE_REQUEST:
    case CONTROL_FILE_DONE:
    case CONTROL_VERIFIED:
    case CONTROL_CHECKSUM_MISMATCH:
    default:
      g_set_error (error, CONTROL_ERROR, CONTROL_ERROR_UNEXPECTED, "%s from the sender",
                   control_type_name (control->type));
      return false;
    }
}
