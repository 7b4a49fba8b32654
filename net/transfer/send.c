/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/transfer/send.h"

#include <glib/gi18n-lib.h>

#include "net/async/quic_future.h"
#include "net/async/worker.h"
#include "net/transfer/entry_sentence.h"
#include "net/transfer/send_messages.h"

static void
send_flow_free (gpointer data)
{
  SendFlow *flow = data;
  transfer_run_clear (&flow->run);
  dex_clear (&flow->connecting);
  g_clear_pointer (&flow->tree, tree_free);
  g_clear_pointer (&flow->source.stream, quic_stream_unref);
  offer_free (flow->offer);
  dex_unref (flow->accepted);
  dex_unref (flow->done);
  g_free (flow->settled);
  failed_folders_free (flow->failed);
  g_free (flow);
}

/* Tells the receiver why files are missing. */
static void
report_failures (SendFlow *flow)
{
  g_autoptr (GArray) items = transfer_run_take_items (&flow->run);
  for (guint i = 0; items && i < items->len; i++)
    {
      const LedgerItem *item = &g_array_index (items, LedgerItem, i);
      OfferEntry entry;
      offer_get_entry (flow->offer, item->entry_id, &entry);
      flow->n_abandoned++;
      if (!send_flow_mark_settled (flow, &entry))
        continue;
      g_autofree char *path = offer_entry_dup_path (&entry);
      g_autofree char *sentence = entry_sentence_not_sent (path, item->reason);
      entry_failures_add (&flow->run.failures, flow->run.transfer, OFFER_FILE,
                          TRANSFER_REASON_LOCAL_FILE, sentence);
      transfer_run_send (&flow->run, &(TransferControl) { .type = CONTROL_ENTRY_FAILED,
                                                          .failed.entry_id = item->entry_id,
                                                          .failed.reason = item->reason });
    }
}

static void
report_progress (SendFlow *flow)
{
  TransferRun *run = &flow->run;
  transfer_report (run->transfer, ledger_get_bytes (run->ledger), run->files_done,
                   run->failures.n_files, g_get_monotonic_time ());
}

static gboolean
report_cb (gpointer user_data)
{
  report_failures (user_data);
  report_progress (user_data);
  return G_SOURCE_CONTINUE;
}

static bool
walk (gpointer data, GError **error)
{
  SendFlow *flow = data;
  flow->tree = tree_new (wherry_transfer_get_sources (flow->run.transfer), flow->offer,
                         flow->run.cancellable, error);
  return flow->tree;
}

static void
describe (SendFlow *flow)
{
  TransferRun *run = &flow->run;
  transfer_describe_offer (run->transfer, flow->offer);
  const LeftOut *left_out = tree_get_left_out (flow->tree);
  for (guint i = 0; i < left_out->notes->len; i++)
    transfer_note (run->transfer, left_out->notes->pdata[i]);
  g_autofree char *other_names = tree_dup_other_names (flow->tree);
  if (other_names)
    transfer_note (run->transfer, other_names);
  transfer_set_skipped (run->transfer, left_out->n_skipped);
  if (left_out->unreadable)
    entry_failures_add (&run->failures, run->transfer, OFFER_FILE, TRANSFER_REASON_LOCAL_FILE,
                        left_out->unreadable);
  run->failures.n_files += left_out->unreadable ? left_out->n_unreadable - 1 : 0;
}

static void
fail_unreachable (SendFlow *flow, GError *error)
{
  bool refused = g_error_matches (error, QUIC_ERROR, QUIC_ERROR_NOT_PAIRED) ||
                 g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_NOT_PAIRED) ||
                 g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_UNPAIRED);
  if (error->domain == TRANSFER_ERROR || g_error_matches (error, QUIC_CLOSE_ERROR, QUIC_CODE_LIMIT))
    transfer_run_fail (&flow->run, error);
  else
    {
      transfer_run_fail_with (&flow->run,
                              refused ? TRANSFER_REASON_NOT_PAIRED : TRANSFER_REASON_OFFLINE,
                              error->message);
      g_error_free (error);
    }
}

/* The tree is walked while the connection is made. */
static bool
prepare (SendFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  run->working = worker_start ("wherry-walk", walk, flow);
  if (!transfer_run_await (run, dex_ref (run->working), error))
    return false;
  flow->settled = g_malloc0 (offer_get_n_entries (flow->offer) / 8 + 1);
  describe (flow);

  GError *raw = NULL;
  run->peer = flow_await_boxed (dex_ref (flow->connecting), &raw);
  if (run->peer)
    return true;
  fail_unreachable (flow, raw);
  return transfer_run_failure (run, error);
}

static QuicStream *
open_stream (TransferRun *run, bool bidirectional, GError **error)
{
  DexFuture *opening = quic_future_open_stream (run->peer->connection, bidirectional);
  bool opened = transfer_run_await (run, dex_ref (opening), error);
  QuicStream *stream = opened ? flow_await_boxed (dex_ref (opening), NULL) : NULL;
  dex_unref (opening);
  return stream;
}

static bool
offer (SendFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  g_autoptr (QuicStream) stream = open_stream (run, true, error);
  if (!stream)
    return false;
  transfer_run_open_control (run, stream, CONTROL_SENDER, NULL, send_messages_take, flow);
  if (!transfer_run_send_offer (run, flow->offer, error))
    return false;
  transfer_advance (run->transfer, TRANSFER_OFFERED);
  return true;
}

static bool
await_answer (SendFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  g_autofree char *late = g_strdup_printf (
      _ ("Nobody answered on “%s”. Send again when somebody is there."), run->peer_name);
  if (!transfer_run_await_within (run, dex_ref (flow->accepted), flow->expiry_ms,
                                  TRANSFER_REASON_EXPIRED, late, error))
    return false;
  transfer_advance (run->transfer, TRANSFER_ACTIVE);
  return true;
}

static bool
send_files (SendFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  QuicStream *stream = open_stream (run, false, error);
  if (!stream)
    return false;
  transfer_run_derive_key (run, offer_get_id (flow->offer));
  flow->source = (Source) {
    .tree = flow->tree,
    .offer = flow->offer,
    .stream = stream,
    .transfer_key = run->transfer_key,
    .cancellable = run->cancellable,
    .ledger = run->ledger,
  };
  transfer_set_phase (run->transfer, TRANSFER_PHASE_SENDING);
  transfer_run_start_reports (run, report_cb, flow);
  dex_clear (&run->working);
  run->working = worker_start ("wherry-source", source_send, &flow->source);
  return transfer_run_await (run, dex_ref (run->working), error);
}

/* Says also what the receiver cannot know: what was left out. */
static void
send_done (SendFlow *flow)
{
  const LeftOut *left_out = tree_get_left_out (flow->tree);
  ControlSkipped first[CONTROL_SKIPPED_MAX];
  for (guint i = 0; i < left_out->paths->len; i++)
    first[i] = (ControlSkipped) { left_out->paths->pdata[i],
                                  g_array_index (left_out->reasons, ControlReason, i) };
  TransferControl done = { .type = CONTROL_DONE };
  done.done.files = offer_get_n_files (flow->offer) - flow->n_abandoned;
  done.done.failed = flow->n_abandoned;
  done.done.skipped = (uint32_t) MIN (left_out->n_skipped + left_out->n_unreadable, UINT32_MAX);
  done.done.first_skipped = first;
  done.done.n_first_skipped = left_out->paths->len;
  transfer_run_send (&flow->run, &done);
}

static bool
await_verification (SendFlow *flow, GError **error)
{
  TransferRun *run = &flow->run;
  if (!transfer_run_finish_reports (run, error))
    return false;
  transfer_set_phase (run->transfer, TRANSFER_PHASE_VERIFYING);
  send_done (flow);
  if (!transfer_run_await (run, dex_ref (flow->done), error))
    return false;
  report_progress (flow);
  return true;
}

static bool
transfer_in_steps (SendFlow *flow, GError **error)
{
  if (!prepare (flow, error))
    return false;
  if (!offer (flow, error))
    return false;
  if (!await_answer (flow, error))
    return false;
  if (!send_files (flow, error))
    return false;
  return await_verification (flow, error);
}

static DexFuture *
send_fiber (gpointer data)
{
  SendFlow *flow = data;
  TransferRun *run = &flow->run;
  g_autoptr (GError) error = NULL;
  transfer_in_steps (flow, &error);
  if (!run->peer && dex_future_is_resolved (flow->connecting))
    run->peer = flow_await_boxed (dex_ref (flow->connecting), NULL); /* to be closed */
  transfer_run_stop (run, error);
  transfer_run_finish (run, error);
  return dex_future_new_true ();
}

static void
act_cb (TransferAct act, gpointer user_data)
{
  SendFlow *flow = user_data;
  if (act == TRANSFER_ACT_CANCEL)
    transfer_run_fail_with (&flow->run, TRANSFER_REASON_CANCELLED_HERE,
                            _ ("You cancelled the transfer."));
}

WherryTransfer *
transfer_send_new (WherryDevice *device, GPtrArray *files)
{
  TransferId id;
  transfer_id_generate (&id);
  char hex[TRANSFER_ID_HEX_LEN + 1];
  transfer_id_to_hex (&id, hex);
  WherryTransfer *transfer = transfer_new (TRANSFER_SENDING, hex, device);
  transfer_set_sources (transfer, files);
  return transfer;
}

DexFuture *
transfer_send_start (WherryTransfer *transfer, DexFuture *connecting, int expiry_ms,
                     LogLimit *breaches)
{
  TransferId id;
  transfer_id_parse (&id, wherry_transfer_get_protocol_id (transfer));
  SendFlow *flow = g_new0 (SendFlow, 1);
  transfer_run_init (&flow->run);
  flow->run.breaches = breaches;
  flow->run.transfer = g_object_ref (transfer);
  flow->run.peer_name = g_strdup (wherry_device_get_name (wherry_transfer_get_device (transfer)));
  /* So a failure, such as being cancelled, discards the connecting. */
  flow->connecting = dex_future_first (connecting, dex_ref (flow->run.failed), NULL);
  flow->expiry_ms = expiry_ms;
  flow->offer = offer_new (&id, &(OfferOptions) { .encrypt = true });
  flow->accepted = dex_promise_new ();
  flow->done = dex_promise_new ();
  flow->failed = failed_folders_new ();
  transfer_attach (transfer, act_cb, flow);
  return transfer_run_spawn (send_fiber, flow, send_flow_free);
}
